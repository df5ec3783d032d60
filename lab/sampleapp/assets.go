package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

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

// uploadMaps plays the upload of source maps to an error tracker.
func (a *app) uploadMaps(ctx context.Context) error {
	if a.env("APPSIGNAL_PUSH_API_KEY") == "" {
		return errors.New("APPSIGNAL_PUSH_API_KEY is not set")
	}
	maps, err := filepath.Glob(filepath.Join(a.root, "public/packs/*.map"))
	if err != nil {
		return err
	}
	sort.Strings(maps)
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
