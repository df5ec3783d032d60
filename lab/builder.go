package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// builder makes what every lab of a repository shares: programs and images.
type builder struct {
	root      string // the repository
	stateRoot string // ROOT/.lab
	cache     string // ROOT/.lab/cache
	log       func(string)
}

// parts are the finished products of a build.
type parts struct {
	hostImage    string // reference in the engine that carries the lab
	serviceImage string
	proxyTar     string // files
	rootfsTar    string
}

func newBuilder(o Options) (*builder, error) {
	b := &builder{root: o.Root, stateRoot: filepath.Join(o.Root, ".lab"), log: o.Log}
	b.cache = filepath.Join(b.stateRoot, cacheName)
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return nil, fmt.Errorf("make the lab's state folder: %w", err)
	}
	return b, nil
}

// build makes all parts that are not there yet. Only one process of a
// repository builds at a time; the others wait and then find the work done.
func (b *builder) build(ctx context.Context) (parts, error) {
	unlock, err := b.lock(ctx, filepath.Join(b.cache, "lock"))
	if err != nil {
		return parts{}, err
	}
	defer unlock()
	var base baseImage
	bins := map[string]string{}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { base, err = b.baseImage(gctx); return err })
	g.Go(func() (err error) { bins, err = b.programs(gctx); return err })
	if err := g.Wait(); err != nil {
		return parts{}, err
	}
	return b.assemble(ctx, base, bins)
}

func (b *builder) assemble(ctx context.Context, base baseImage, bins map[string]string) (parts, error) {
	var p parts
	var err error
	if p.proxyTar, err = b.proxyTar(base.busybox, bins["kamal-proxy"]); err != nil {
		return p, err
	}
	if p.rootfsTar, err = b.rootfsTar(base.busybox, bins["sampleapp"]); err != nil {
		return p, err
	}
	if p.serviceImage, err = b.serviceImage(ctx, bins); err != nil {
		return p, err
	}
	p.hostImage, err = b.hostImage(ctx, base, p.proxyTar)
	return p, err
}

// lock takes the lock file at path, waiting for another process as long as ctx
// lasts.
func (b *builder) lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the lab: %w", err)
	}
	err = poll(ctx, 20*time.Minute, 100*time.Millisecond, "wait for another run of the lab ("+path+")", func(context.Context) error {
		return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// timed logs what was done and how long it took.
func (b *builder) timed(what string, f func() error) error {
	start := time.Now()
	err := f()
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	b.log(fmt.Sprintf("%s (%.1f s)", what, time.Since(start).Seconds()))
	return nil
}

// hashOf is 12 hex digits over texts and the files named by paths; a folder
// counts with all files below it.
func hashOf(paths []string, texts ...string) (string, error) {
	h := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(h, "%d %s\n", len(t), t)
	}
	for _, p := range paths {
		err := filepath.WalkDir(p, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(p, file)
			if err != nil || strings.HasSuffix(file, "_test.go") {
				return err
			}
			return hashFile(h, rel, file)
		})
		if err != nil {
			return "", fmt.Errorf("hash %s: %w", p, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}

func hashFile(h io.Writer, name, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprintf(h, "file %s\n", name)
	_, err = io.Copy(h, f)
	return err
}

// once makes the file PREFIX-HASH+ext in the cache by calling build with the
// path of a temporary file, unless it is there already. Older ones are removed.
func (b *builder) once(prefix, hash, ext string, build func(path string) error) (string, error) {
	final := filepath.Join(b.cache, prefix+"-"+hash+ext)
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	temp := final + ".new"
	if err := b.timed("built "+prefix, func() error { return build(temp) }); err != nil {
		return "", err
	}
	old, err := filepath.Glob(filepath.Join(b.cache, prefix+"-"+strings.Repeat("?", len(hash))+ext))
	if err != nil {
		return "", err
	}
	for _, o := range old {
		if err := os.Remove(o); err != nil {
			return "", err
		}
	}
	return final, os.Rename(temp, final)
}
