package build

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Request is one build.
type Request struct {
	// Dir is what relative paths below start from: the project, or a clone of it.
	Dir string
	// Context is the folder that COPY sees; "" = Dir. Its .dockerignore holds (or
	// <Dockerfile>.dockerignore beside the Dockerfile). A URL (git or tar) is
	// fetched by the builder.
	Context string
	// Dockerfile is a path; "" = "Dockerfile". Like Context it starts from Dir,
	// not from Context.
	Dockerfile string
	Target     string
	// Platforms are "linux/amd64"; none = the builder's own.
	Platforms []string
	// Args are in the order of the file; of a name given twice the last counts.
	Args   []Arg
	Labels map[string]string
	// Secrets are what RUN --mount=type=secret,id=KEY gets.
	Secrets map[string]secret.Secret
	SSH     []SSH
	// CacheFrom and CacheTo are for daemons; an engine knows "inline" only.
	CacheFrom, CacheTo []Cache
	// Provenance is the text of buildx's --provenance: "", "false", "true",
	// "mode=max" …; "" adds none.
	Provenance string
	NoCache    bool
	// SharedKey lets builds of one project share what was synced before. Make it
	// from project and builder; empty = one slot for all who give none.
	SharedKey string
	// Auth gives the credentials for a registry host, asked by the builder for
	// base images, cache and push; nil, or zero values = anonymous.
	Auth func(host string) (username string, password secret.Secret)
	// Output says what becomes of the image.
	Output Output
	// Progress is called from one goroutine, in order; nil = nobody listens.
	Progress func(Update)
}

// Arg is one build argument.
type Arg struct{ Name, Value string }

// SSH is one agent or key set for RUN --mount=type=ssh,id=ID.
type SSH struct {
	ID    string   // "default" …
	Paths []string // one agent socket, or private key files
}

// Cache is one place to take cache from or leave it at.
type Cache struct {
	Type  string // "registry", "inline"
	Attrs map[string]string
}

// Output says what becomes of the image.
type Output struct {
	// Names are full references: "ghcr.io/o/app:V", "ghcr.io/o/app:latest".
	Names []string
	// Push lets a daemon send it to the registry of Names. Without, a daemon
	// keeps it for Content. An engine always only loads it.
	Push bool
	// ByDigest leaves the tags of Names out of a push: the registry gets an image
	// that only its digest names, until somebody has looked at it.
	ByDigest bool
	// Insecure allows http to that registry.
	Insecure bool
	// Export sends the image elsewhere instead; nil = as said above.
	Export *Export
}

// Export is a build's result as a file or folder here.
type Export struct {
	Type  string // "docker" (for docker load), "oci", "tar", "local" (a folder)
	Attrs map[string]string
	Dir   string                         // for "local"
	Open  func() (io.WriteCloser, error) // for the others
}

// MissingError is a file that the build needs and that is not there.
type MissingError struct{ File string }

func (e *MissingError) Error() string { return "Missing " + e.File }

// urlContext matches what docker's CLI hands to the builder as it is.
var urlContext = regexp.MustCompile(`^(https?://|git://|ssh://|git@|github\.com/)`)

// Remote tells that the builder itself fetches the context.
func (r *Request) Remote() bool { return urlContext.MatchString(r.Context) }

func (r *Request) context() string { return r.path(r.Context, ".") }

// DockerfilePath is the Dockerfile on this machine.
func (r *Request) DockerfilePath() string { return r.path(r.Dockerfile, "Dockerfile") }

func (r *Request) path(p, fallback string) string {
	if p == "" {
		p = fallback
	}
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(r.Dir, p)
}

// check finds what would otherwise end as the builder's riddle.
func (r *Request) check(engine bool) error {
	if engine && len(r.Platforms) > 1 {
		return fmt.Errorf("the Docker engine's own builder makes one platform at a time, not %s: use the docker-container driver", strings.Join(r.Platforms, " and "))
	}
	if engine {
		for _, c := range r.CacheTo {
			if c.Type != "inline" {
				return fmt.Errorf("the Docker engine's own builder can't export a %s cache: use the docker-container driver", c.Type)
			}
		}
	}
	if e := r.Output.Export; engine && e != nil && e.Type != "local" {
		return fmt.Errorf("the Docker engine's own builder can't export type %s: use the docker-container driver", e.Type)
	}
	if r.Remote() {
		return nil
	}
	if err := exists(r.context(), cmp.Or(r.Context, "."), true); err != nil {
		return err
	}
	return exists(r.DockerfilePath(), cmp.Or(r.Dockerfile, "Dockerfile"), false)
}

func exists(path, shown string, dir bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &MissingError{File: shown}
	case err != nil:
		return fmt.Errorf("look at the build's files: %w", err)
	case info.IsDir() != dir:
		kind := map[bool]string{true: "folder", false: "file"}[dir]
		return fmt.Errorf("look at the build's files: %s is not a %s", shown, kind)
	}
	return nil
}

// ParseAttrs reads "mode=max,image-manifest=true" as buildx does: fields of CSV,
// so a value with a comma stands in double quotes.
func ParseAttrs(text string) (map[string]string, error) {
	attrs := map[string]string{}
	if strings.TrimSpace(text) == "" {
		return attrs, nil
	}
	fields, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		return nil, fmt.Errorf("options %q: %w", text, err)
	}
	for _, f := range fields {
		k, v, ok := strings.Cut(f, "=")
		if k = strings.ToLower(strings.TrimSpace(k)); !ok || k == "" {
			return nil, fmt.Errorf("options %q: %q is not key=value", text, f)
		}
		attrs[k] = v
	}
	return attrs, nil
}

// ParseSSH reads the text of --ssh: "default", "default=/path/agent.sock",
// "deploy=/home/me/.ssh/id_ed25519,/home/me/.ssh/other". agent is the socket
// that an id without a path means ($SSH_AUTH_SOCK).
func ParseSSH(text, agent string) (SSH, error) {
	id, paths, ok := strings.Cut(strings.TrimSpace(text), "=")
	if id == "" {
		return SSH{}, fmt.Errorf("ssh %q: no id", text)
	}
	if ok && paths != "" {
		return SSH{ID: id, Paths: strings.Split(paths, ",")}, nil
	}
	if agent == "" {
		return SSH{}, fmt.Errorf("ssh %q: no SSH agent runs here (SSH_AUTH_SOCK is empty)", text)
	}
	return SSH{ID: id, Paths: []string{agent}}, nil
}
