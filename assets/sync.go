package assets

import (
	"context"
	"fmt"
)

// SyncOptions are for Sync.
type SyncOptions struct {
	Name     string                // of the release, for its manifest: the image
	Full     bool                  // trust no manifest: compare with the bucket's keys
	Progress func(done, files int) // files that were sent, of those to send; may be nil
	Warn     func(text string)     // may be nil
}

// Result is what Sync found and did.
type Result struct {
	Files     int   `json:"files"` // of the release
	Bytes     int64 `json:"bytes"`
	Sent      int   `json:"sent"`
	SentBytes int64 `json:"sent_bytes"`
	// Unchanged tells that a manifest vouched for the files: nothing was listed.
	Unchanged bool `json:"unchanged"`
}

func (r Result) String() string {
	switch {
	case r.Unchanged:
		return fmt.Sprintf("%d files, all there: as an earlier release", r.Files)
	case r.Sent == 0:
		return fmt.Sprintf("%d files, all there", r.Files)
	}
	return fmt.Sprintf("%d of %d files sent, %s", r.Sent, r.Files, size(r.SentBytes))
}

func size(n int64) string {
	const k = 1000
	switch {
	case n >= k*k:
		return fmt.Sprintf("%.1f MB", float64(n)/k/k)
	case n >= k:
		return fmt.Sprintf("%.1f kB", float64(n)/k)
	}
	return fmt.Sprintf("%d bytes", n)
}

// Sync sends what the bucket lacks. It may be called again after any failure: what
// was sent stays. Errors: *Error, *FolderError, *ConfigError, and the source's.
func (b *Bucket) Sync(ctx context.Context, src Source, o SyncOptions) (Result, error) {
	layers, err := src.Layers(ctx)
	if err != nil {
		return Result{}, err
	}
	release := b.releaseKey(layers)
	if !o.Full {
		if m, ok, err := b.known(ctx, release); err != nil || ok {
			return Result{Files: m.Files, Bytes: m.Bytes, Unchanged: ok}, err
		}
	}
	found, err := b.Files(ctx, src)
	if err != nil {
		return Result{}, err
	}
	o.links(found.Links)
	r, set, err := b.syncSet(ctx, src, found.Files, release, o)
	if err != nil {
		return r, err
	}
	return r, b.writeRelease(ctx, release, manifest{Files: r.Files, Bytes: r.Bytes, Plain: plain(found.Files), Set: set, Name: o.Name, Layers: layers})
}

func (o SyncOptions) links(names []string) {
	if o.Warn == nil || len(names) == 0 {
		return
	}
	o.Warn(fmt.Sprintf("%d links are not copied, %s among them: files only", len(names), names[0]))
}

// syncSet sends what is missing of a set of files, unless it is known to be there.
func (b *Bucket) syncSet(ctx context.Context, src Source, files []File, release string, o SyncOptions) (Result, string, error) {
	r, set := Result{Files: len(files), Bytes: sum(files)}, setKey(files, release)
	if !o.Full {
		if _, ok, err := b.known(ctx, set); err != nil || ok {
			r.Unchanged = ok
			return r, set, err
		}
	}
	stored, err := b.stored(ctx)
	if err != nil {
		return r, set, err
	}
	if err := b.takeOver(ctx, set, files); err != nil {
		return r, set, err
	}
	r.Sent, r.SentBytes, err = b.send(ctx, src, lacking(files, stored), o.Progress)
	if err != nil {
		return r, set, err
	}
	return r, set, b.writeSet(ctx, set, files)
}
