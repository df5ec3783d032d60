package assets

import (
	"context"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// inFlight bounds the bytes that wait in memory for their write.
const inFlight = 64 << 20

// sender reads one file after the other and writes many at once.
type sender struct {
	bucket *Bucket
	ctx    context.Context //nolint:containedctx // of the writes, as long as send
	writes *errgroup.Group
	memory *semaphore.Weighted

	mu       sync.Mutex
	done     int
	bytes    int64
	total    int
	progress func(done, files int)
}

func (b *Bucket) send(ctx context.Context, src Source, files []File, progress func(int, int)) (int, int64, error) {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(b.o.Parallel)
	s := &sender{bucket: b, ctx: gctx, writes: g, memory: semaphore.NewWeighted(inFlight), total: len(files), progress: progress}
	err := s.readAll(src, files)
	if werr := g.Wait(); werr != nil {
		err = werr // the cause of the reader's
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return s.done, s.bytes, err
}

func (s *sender) readAll(src Source, files []File) error {
	for _, folder := range s.bucket.o.Paths {
		byName := map[string]File{}
		var entries []Entry
		for _, f := range files {
			if f.folder == folder {
				byName[f.entry.Name], entries = f, append(entries, f.entry)
			}
		}
		if len(entries) == 0 {
			continue
		}
		err := src.Read(s.ctx, folder, entries, func(e Entry, body io.Reader) error { return s.take(byName[e.Name], body) })
		if err != nil {
			return err
		}
	}
	return nil
}

// take reads one file and starts its write as soon as there is room for it.
func (s *sender) take(f File, body io.Reader) error {
	weight := min(f.Size, inFlight)
	if err := s.memory.Acquire(s.ctx, weight); err != nil {
		return context.Cause(s.ctx)
	}
	data := make([]byte, f.Size)
	if _, err := io.ReadFull(body, data); err != nil {
		return fmt.Errorf("read %s: %w", f.entry.Name, err)
	}
	s.writes.Go(func() error {
		defer s.memory.Release(weight)
		cache := brief
		if f.Hashed {
			cache = immutable
		}
		if err := s.bucket.put(s.ctx, object{key: f.Key, data: data, contentType: f.Type, cache: cache}); err != nil {
			return err
		}
		s.count(f)
		return nil
	})
	return nil
}

func (s *sender) count(f File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done, s.bytes = s.done+1, s.bytes+f.Size
	if s.progress != nil {
		s.progress(s.done, s.total)
	}
}
