package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/lab/appsignal"
	"github.com/warmlyyours/hwdeploy/lab/packs"
)

// precompile compiles app/assets/* into public/packs.
func (a *app) precompile() error {
	in, out := filepath.Join(a.root, "app/assets"), filepath.Join(a.root, "public/packs")
	names, err := os.ReadDir(in)
	if err != nil {
		return err
	}
	sources := map[string][]byte{}
	for _, f := range names {
		if sources[f.Name()], err = os.ReadFile(filepath.Join(in, f.Name())); err != nil {
			return err
		}
	}
	files, err := packs.Compile(sources)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), text, 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d assets compiled\n", len(sources))
	return nil
}

// uploadMaps sends the source maps to the error tracker at $APPSIGNAL_URL (none:
// they are only recorded) under the addresses of $ASSET_HOSTS.
func (a *app) uploadMaps(ctx context.Context) error {
	key := a.env("APPSIGNAL_PUSH_API_KEY")
	if key == "" {
		return errors.New("APPSIGNAL_PUSH_API_KEY is not set")
	}
	maps, err := filepath.Glob(filepath.Join(a.root, "public/packs/*.map"))
	if err != nil {
		return err
	}
	sort.Strings(maps)
	for _, m := range maps {
		if err := a.uploadMap(ctx, key, m); err != nil {
			return err
		}
	}
	a.record(ctx, "sourcemaps", strings.Join(maps, " "))
	fmt.Printf("%d source maps uploaded\n", len(maps))
	if a.env("DELETE_MAPS") != "true" {
		return nil
	}
	for _, m := range maps {
		if err := os.Remove(m); err != nil {
			return err
		}
	}
	fmt.Println("source maps deleted")
	return nil
}

func (a *app) uploadMap(ctx context.Context, key, file string) error {
	base := a.env("APPSIGNAL_URL")
	if base == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	m := appsignal.Map{Key: key, App: "shop", Environment: "lab", Revision: a.version, File: filepath.Base(file), Text: text}
	for _, host := range strings.Fields(a.env("ASSET_HOSTS")) {
		m.Names = append(m.Names, host+"/packs/"+strings.TrimSuffix(m.File, ".map"))
	}
	return appsignal.Send(ctx, base, m)
}
