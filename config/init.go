package config

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed all:starter
var starter embed.FS

const starterHooks = ".kamal/hooks"

// Init writes the files of a new project into dir: config/deploy.yml,
// .kamal/secrets, and, unless the directory of hooks exists, sample hooks. A file
// that exists is left alone. It gives the paths that it made, relative to dir.
func Init(dir string) (created []string, err error) {
	err = fs.WalkDir(starter, "starter", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := starterName(path)
		if d.IsDir() {
			if name == starterHooks && exists(filepath.Join(dir, name)) {
				return fs.SkipDir
			}
			return nil
		}
		made, err := writeStarter(dir, name, path)
		if made {
			created = append(created, name)
		}
		return err
	})
	if err != nil {
		return created, fmt.Errorf("write the files of a new project: %w", err)
	}
	return created, nil
}

// starterName turns the name of an embedded file into that of the project's; the
// embedded ones have no leading dot, so that nothing takes them for a project.
func starterName(path string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(path, "starter"), "/")
	if rest, ok := strings.CutPrefix(name, "kamal"); ok {
		return ".kamal" + rest
	}
	return name
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func writeStarter(dir, name, path string) (bool, error) {
	text, err := starter.ReadFile(path)
	if err != nil {
		return false, err
	}
	target := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return false, err
	}
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, starterMode(name))
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.Write(text)
	return true, errors.Join(err, f.Close())
}

func starterMode(name string) fs.FileMode {
	switch {
	case strings.HasPrefix(name, starterHooks):
		return 0o755
	case strings.HasPrefix(name, ".kamal/secrets"):
		return 0o600
	}
	return 0o644
}
