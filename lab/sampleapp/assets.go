package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// precompile copies app/assets/* to public/packs under names that carry a hash
// of the content, writes a source map beside each script and a manifest of all.
func (a *app) precompile() error {
	in, out := filepath.Join(a.root, "app/assets"), filepath.Join(a.root, "public/packs")
	files, err := os.ReadDir(in)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	manifest := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(in, f.Name()))
		if err != nil {
			return err
		}
		hashed, err := emit(out, f.Name(), text)
		if err != nil {
			return err
		}
		manifest[f.Name()] = "/packs/" + hashed
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	fmt.Printf("%d assets compiled\n", len(manifest))
	return os.WriteFile(filepath.Join(out, "manifest.json"), append(text, '\n'), 0o644)
}

func emit(dir, name string, text []byte) (string, error) {
	sum := sha256.Sum256(text)
	ext := filepath.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:])[:16] + ext
	if ext == ".js" {
		source := fmt.Sprintf("{\"version\":3,\"file\":%q,\"sources\":[%q],\"mappings\":\"\"}\n", hashed, "app/assets/"+name)
		if err := os.WriteFile(filepath.Join(dir, hashed+".map"), []byte(source), 0o644); err != nil {
			return "", err
		}
	}
	return hashed, os.WriteFile(filepath.Join(dir, hashed), text, 0o644)
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
