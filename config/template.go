package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/erb"
)

// erbEnv gives a template what Options allow.
func (r *reader) erbEnv(ctx context.Context) erb.Env {
	env := erb.Env{
		YAML: true, Get: r.env.get, Set: r.env.set, Unset: r.env.unset, Consts: r.consts,
		ReadFile: func(path string) ([]byte, error) { return os.ReadFile(r.path(path)) },
	}
	if r.opts.Shell != nil {
		env.Shell = func(line string) (string, error) { return r.opts.Shell(ctx, line, r.env.list()) }
	}
	if r.opts.Dotenv != nil {
		env.Dotenv = func(files []string, overwrite bool) error { return r.dotenv(ctx, files, overwrite) }
	}
	if r.opts.DockerArch != nil || r.opts.Shell != nil {
		env.DockerArch = func() (string, error) { return r.dockerArch(ctx) }
	}
	return env
}

func (r *reader) path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.dir, path)
}

// dotenv loads files into the environment. Variables that are set already win
// unless overwrite; so do those of an earlier file.
func (r *reader) dotenv(ctx context.Context, files []string, overwrite bool) error {
	shell := func(line string) (string, error) {
		if r.opts.Shell == nil {
			return "", errors.New("commands can't be run here")
		}
		return r.opts.Shell(ctx, line, r.env.list())
	}
	for _, file := range files {
		text, err := os.ReadFile(r.path(file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		vars, err := r.opts.Dotenv(string(text), overwrite, r.env.get, shell)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, v := range vars {
			if _, set := r.env.get(v.Name); !set || overwrite {
				r.env.set(v.Name, v.Value)
			}
		}
	}
	return nil
}

func (r *reader) dockerArch(ctx context.Context) (string, error) {
	o := r.opts
	o.Environ = r.env.list()
	return DockerArch(ctx, o)
}

// DockerArch names the local Docker server's architecture as Kamal does; empty
// when there is no Docker here.
func DockerArch(ctx context.Context, o Options) (string, error) {
	if o.DockerArch != nil {
		return o.DockerArch(ctx)
	}
	if o.Shell == nil {
		return "", nil
	}
	out, err := o.Shell(ctx, "docker info --format '{{.Architecture}}'", o.Environ)
	if err != nil {
		return "", err
	}
	arch := strings.TrimSpace(out)
	switch {
	case strings.Contains(arch, "aarch64"):
		return "arm64", nil
	case strings.Contains(arch, "x86_64"):
		return "amd64", nil
	}
	return arch, nil
}
