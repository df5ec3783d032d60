package assets

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// File is one file of a release, as it lies in the bucket.
type File struct {
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`   // MIME
	Hashed bool   `json:"hashed"` // the name changes with the content

	folder string
	entry  Entry
}

// Found is what a release has for the bucket.
type Found struct {
	Files    []File // by key
	Excluded int    // files that stay in the image
	Links    []string
}

// Files lists what belongs into the bucket. Nothing is asked of the bucket.
func (b *Bucket) Files(ctx context.Context, src Source) (Found, error) {
	out := Found{Files: []File{}}
	seen := map[string]string{}
	for _, folder := range b.o.Paths {
		entries, err := src.List(ctx, folder)
		if err != nil {
			return Found{}, err
		}
		h := hashesOf(names(entries))
		for _, e := range entries {
			switch {
			case b.excluded(e.Name):
				out.Excluded++
				continue
			case e.Link:
				out.Links = append(out.Links, path.Join(folder, e.Name))
				continue
			}
			f := File{Key: b.key(e.Name), Size: e.Size, Type: contentType(e.Name), Hashed: h.in(e.Name), folder: folder, entry: e}
			if other, twice := seen[f.Key]; twice {
				return Found{}, &ConfigError{Key: "paths", Text: fmt.Sprintf("%s and %s both have %s", other, folder, e.Name)}
			}
			seen[f.Key] = folder
			out.Files = append(out.Files, f)
		}
	}
	slices.SortFunc(out.Files, func(x, y File) int { return strings.Compare(x.Key, y.Key) })
	return out, nil
}

func names(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Name)
	}
	return out
}

func (b *Bucket) excluded(name string) bool {
	return private(name) || slices.ContainsFunc(b.o.Exclude, func(glob string) bool { return doublestar.MatchUnvalidated(glob, name) })
}

func sum(files []File) int64 {
	var n int64
	for _, f := range files {
		n += f.Size
	}
	return n
}

// plain counts the files under a name without a hash.
func plain(files []File) (n int) {
	for _, f := range files {
		if !f.Hashed {
			n++
		}
	}
	return n
}

// lacking gives the files that the bucket does not have, or has with another
// size; content under a name without a hash may have changed, so it counts as
// lacking.
func lacking(files []File, stored map[string]int64) []File {
	var out []File
	for _, f := range files {
		if size, there := stored[f.Key]; !there || size != f.Size || !f.Hashed {
			out = append(out, f)
		}
	}
	return out
}
