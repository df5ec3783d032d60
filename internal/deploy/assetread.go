package deploy

import (
	"archive/tar"
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// eachFile takes one file; body is good until it returns.
type eachFile func(e assets.Entry, body io.Reader) error

// Read hands over files of a listed folder: picked on the host where they are few
// bytes of it, else out of the whole folder.
func (s *imageSource) Read(ctx context.Context, folder string, files []assets.Entry, each func(assets.Entry, io.Reader) error) error {
	l := s.listed[folder]
	files = slices.SortedFunc(slices.Values(files), func(x, y assets.Entry) int { return cmp.Compare(l.place[x.Name], l.place[y.Name]) })
	var wanted int64
	for _, f := range files {
		wanted += f.Size
	}
	if wanted*2 < l.bytes {
		if err := s.pick(ctx, folder, files, each); !errors.Is(err, errCannotPick) {
			return err
		}
	}
	return s.readAll(ctx, folder, files, each)
}

var errCannotPick = errors.New("the host's tar cannot pick files")

// pick has the host's tar print the wanted files, one behind the other in the
// order of the archive, so that nothing else crosses the link.
func (s *imageSource) pick(ctx context.Context, folder string, files []assets.Entry, each eachFile) error {
	var names strings.Builder
	for _, f := range files {
		names.WriteString("./" + f.Name + "\x00")
	}
	from := run.Quote(s.container + ":" + contents(folder))
	stream, stop := s.stream(ctx, run.Cmd{
		Name:  "read files of " + folder + " of " + s.image,
		Line:  `f=$(mktemp) && cat >"$f" && docker cp ` + from + ` - | LC_ALL=C tar -xOf - --null -T "$f"; s=$?; rm -f "$f"; exit $s`,
		Stdin: strings.NewReader(names.String()),
	})
	defer stop()
	var exit *run.ExitError
	if _, err := stream.Peek(1); errors.As(err, &exit) {
		return errCannotPick
	}
	for _, f := range files {
		if err := each(f, io.LimitReader(stream, f.Size)); err != nil {
			return err
		}
	}
	if n, err := io.Copy(io.Discard, stream); err != nil || n > 0 {
		return errors.Join(err, fmt.Errorf("read files of %s: %d bytes too many", folder, n))
	}
	return nil
}

// stream gives what a command prints; its failure is the last read's error. stop
// ends the command and waits for it.
func (s *imageSource) stream(ctx context.Context, c run.Cmd) (out *bufio.Reader, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	c.Stdout, c.Stream = w, true
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := s.host.Run(ctx, c)
		w.CloseWithError(err) //nolint:errcheck,gosec // never fails
	}()
	return bufio.NewReader(r), func() {
		cancel()
		r.Close() //nolint:errcheck,gosec // never fails
		<-ended
	}
}

// readAll reads the whole folder and passes the wanted files on.
func (s *imageSource) readAll(ctx context.Context, folder string, files []assets.Entry, each eachFile) (err error) {
	wanted := map[string]assets.Entry{}
	for _, f := range files {
		wanted[f.Name] = f
	}
	body, err := s.host.Docker().CopyFrom(ctx, s.container, contents(folder))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	for t := tar.NewReader(body); len(wanted) > 0; {
		h, err := t.Next()
		if err != nil {
			return fmt.Errorf("read %s of %s: %w", folder, s.image, err)
		}
		name := strings.TrimPrefix(h.Name, "./")
		e, ok := wanted[name]
		if !ok {
			continue
		}
		delete(wanted, name)
		if err := each(e, t); err != nil {
			return err
		}
	}
	return nil
}
