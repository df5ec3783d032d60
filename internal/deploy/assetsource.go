package deploy

import (
	"context"
	"errors"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// imageSource reads folders of an image on a host through a container that is
// created and never started. Names are listed on the host, so that no content
// crosses the link for them.
type imageSource struct {
	host  Host
	image string
	owner string // label of the container, by which one that was left is found

	container string
	listed    map[string]listing // by folder
}

// ownerLabel marks the containers that files are read through.
const ownerLabel = "hwdeploy.assets"

// create makes the container at the first question that needs one.
func (s *imageSource) create(ctx context.Context) (string, error) {
	if s.container != "" {
		return s.container, nil
	}
	id, err := s.host.Docker().Create(ctx, docker.CreateOptions{
		Image: s.image, Cmd: []string{"never-started"}, Labels: map[string]string{ownerLabel: s.owner},
	})
	if docker.IsNotFound(err) {
		return "", &NoImageError{Image: s.image, Host: s.host.Name()}
	}
	s.container = id
	return id, err
}

// Close removes the container, and those that runs left which were killed.
func (s *imageSource) Close(ctx context.Context, now time.Time) error {
	if s.container == "" {
		return nil
	}
	d := s.host.Docker()
	err := d.Remove(ctx, s.container, docker.RemoveOptions{Volumes: true})
	old, lerr := d.List(ctx, docker.ListOptions{All: true, Labels: []string{ownerLabel + "=" + s.owner}, Status: []string{"created"}})
	err = errors.Join(err, lerr)
	for _, c := range old {
		if now.Sub(c.Created) > time.Hour {
			err = errors.Join(err, d.Remove(ctx, c.ID, docker.RemoveOptions{Volumes: true}))
		}
	}
	return err
}

// Layers are the image's diff ids.
func (s *imageSource) Layers(ctx context.Context) ([]string, error) {
	d, err := s.host.Docker().ImageInspect(ctx, s.image)
	if docker.IsNotFound(err) {
		return nil, &NoImageError{Image: s.image, Host: s.host.Name()}
	}
	return d.Layers, err
}

// List lists a folder of the image.
func (s *imageSource) List(ctx context.Context, folder string) ([]assets.Entry, error) {
	id, err := s.create(ctx)
	if err != nil {
		return nil, err
	}
	line := "docker cp " + run.Quote(id+":"+contents(folder)) + " - | LC_ALL=C tar -tv"
	res, err := s.host.Run(ctx, run.Cmd{Name: "list " + folder + " of " + s.image, Line: line})
	var exit *run.ExitError
	if errors.As(err, &exit) {
		if docker.IsNotFound(s.host.Docker().Stat(ctx, id, contents(folder))) {
			return nil, &assets.FolderError{Folder: folder, Where: s.image}
		}
	}
	if err != nil {
		return nil, err
	}
	l := readListing(res.Stdout)
	s.listed[folder] = l
	return l.entries, nil
}

// contents is what a folder holds, also when the folder is a symbolic link.
func contents(folder string) string { return path.Clean(folder) + "/." }

// listing is what a folder holds, in the order in which the engine reads it.
type listing struct {
	entries []assets.Entry
	place   map[string]int
	bytes   int64
}

// readListing reads what `tar -tv` prints: mode, owner, size, date, time, name.
func readListing(text string) listing {
	l := listing{place: map[string]int{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == 'd' {
			continue
		}
		rest, size := line, int64(0)
		for i := range 5 {
			var word string
			word, rest, _ = strings.Cut(strings.TrimLeft(rest, " "), " ")
			if i == 2 {
				size, _ = strconv.ParseInt(word, 10, 64) // a device has none
			}
		}
		e := assets.Entry{Name: strings.TrimPrefix(unescaped(rest), "./"), Size: size, Link: line[0] != '-'}
		l.place[e.Name], l.bytes = len(l.entries), l.bytes+size
		l.entries = append(l.entries, e)
	}
	return l
}

// unescaped turns tar's escapes, which are C's, into the bytes they stand for.
func unescaped(name string) string {
	if s, err := strconv.Unquote(`"` + strings.ReplaceAll(name, `"`, `\"`) + `"`); err == nil {
		return s
	}
	return name
}
