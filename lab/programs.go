package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
)

// program is a static Go program that the lab builds from this repository.
type program struct {
	name   string
	module string   // folder of the go.mod, relative to the root
	pkg    string   // what `go build` is given
	source []string // files and folders whose content decides over a new build
}

func programList() []program {
	return []program{
		{"kamal-proxy", "lab/kamalproxy", "github.com/basecamp/kamal-proxy/cmd/kamal-proxy", []string{"lab/kamalproxy"}},
		{"sampleapp", ".", "./lab/sampleapp", []string{"lab/sampleapp", "lab/db", "lab/packs", "lab/appsignal"}},
		{"labdb", ".", "./lab/cmd/labdb", []string{"lab/cmd/labdb", "lab/db", "lab/appsignal"}},
		{"s3gateway", "lab/s3gateway", ".", []string{"lab/s3gateway"}},
		{"labs3", ".", "./lab/cmd/labs3", []string{"lab/cmd/labs3", "lab/s3d"}},
		{"labregistry", ".", "./lab/cmd/labregistry", []string{"lab/cmd/labregistry", "lab/registryd", "go.mod"}},
	}
}

// programs builds them one after the other (the Go tool uses all cores by
// itself) and gives the path of each by name.
func (b *builder) programs(ctx context.Context) (map[string]string, error) {
	bins := map[string]string{}
	for _, p := range programList() {
		var err error
		if bins[p.name], err = b.program(ctx, p); err != nil {
			return nil, err
		}
	}
	return bins, nil
}

func (b *builder) program(ctx context.Context, p program) (string, error) {
	var sources []string
	for _, s := range p.source {
		sources = append(sources, filepath.Join(b.root, s))
	}
	hash, err := hashOf(sources, runtime.Version(), p.pkg)
	if err != nil {
		return "", err
	}
	return b.once(p.name, hash, "", func(path string) error {
		return goBuild(ctx, filepath.Join(b.root, p.module), path, p.pkg)
	})
}

// Program builds one of the lab's programs, such as "s3gateway", for a test that
// needs no hosts, and gives its path.
func Program(ctx context.Context, name string) (string, error) {
	o, err := Options{}.withDefaults()
	if err != nil {
		return "", err
	}
	b, err := newBuilder(o)
	if err != nil {
		return "", err
	}
	unlock, err := b.lock(ctx, filepath.Join(b.cache, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	for _, p := range programList() {
		if p.name == name {
			return b.program(ctx, p)
		}
	}
	return "", fmt.Errorf("the lab has no program %s", name)
}

func goBuild(ctx context.Context, dir, out, pkg string) error {
	_, err := run(ctx, command{
		dir:  dir,
		env:  []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + runtime.GOARCH, "GOFLAGS=-mod=readonly", "GOWORK=off"},
		argv: []string{"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", out, pkg},
	})
	return err
}
