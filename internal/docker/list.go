package docker

import (
	"context"
	"sort"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
)

// Container is one line of the engine's list.
type Container struct {
	ID      string // 64 digits
	Name    string // the first of Names
	Names   []string
	Image   string // as `docker ps` shows it: a name, or 12 digits once the name moved on
	ImageID string // "sha256:…"
	State   string // "created", "running", "paused", "restarting", "removing", "exited", "dead"
	Status  string // in words: "Up 2 hours (healthy)"
	Created time.Time
	Labels  map[string]string
	// Networks maps a network's name to the container's address on it, "" while
	// it does not run.
	Networks map[string]string
}

// Running tells whether the container has processes (also while it restarts).
func (c Container) Running() bool { return c.State == "running" || c.State == "restarting" }

// ListOptions say which containers to list. Entries of one field are
// alternatives, except Labels, which must all hold.
type ListOptions struct {
	All    bool     // the stopped ones too
	Latest int      // > 0: only that many, newest first
	Labels []string // "service=app", "destination=" (empty value), "role" (any value)
	Status []string
	Names  []string // regular expressions, as the engine reads them: "^web-1$"
	IDs    []string
}

// List gives the containers that match, newest first.
func (c *Client) List(ctx context.Context, o ListOptions) ([]Container, error) {
	const op = "list containers"
	api, err := c.use(ctx)
	if err != nil {
		return nil, c.fail(op, err)
	}
	f := filters.NewArgs()
	add(f, "label", o.Labels)
	add(f, "status", o.Status)
	add(f, "name", o.Names)
	add(f, "id", o.IDs)
	found, err := api.ContainerList(ctx, container.ListOptions{All: o.All, Limit: o.Latest, Filters: f})
	if err != nil {
		return nil, c.fail(op, err)
	}
	list := make([]Container, 0, len(found))
	for _, s := range found {
		list = append(list, summary(s))
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Created.After(list[j].Created) })
	return list, nil
}

func add(f filters.Args, key string, values []string) {
	for _, v := range values {
		f.Add(key, v)
	}
}

func summary(s container.Summary) Container {
	c := Container{
		ID: s.ID, Names: ownNames(s.Names), Image: imageColumn(s.Image, s.ImageID), ImageID: s.ImageID,
		State: s.State, Status: s.Status, Created: time.Unix(s.Created, 0).UTC(), Labels: s.Labels,
		Networks: map[string]string{},
	}
	if len(c.Names) > 0 {
		c.Name = c.Names[0]
	}
	if s.NetworkSettings != nil {
		for name, n := range s.NetworkSettings.Networks {
			c.Networks[name] = n.IPAddress
		}
	}
	return c
}

// ownNames drops the slash in front, and the names that links give.
func ownNames(names []string) []string {
	var own []string
	for _, n := range names {
		if n = strings.TrimPrefix(n, "/"); !strings.Contains(n, "/") {
			own = append(own, n)
		}
	}
	return own
}

// imageColumn is the text of `docker ps`: an id is cut to 12 digits, a name
// loses the digest behind it.
func imageColumn(image, id string) string {
	if image == "" {
		return "<no image>"
	}
	if short := ShortID(id); short != "" && short == ShortID(image) {
		return short
	}
	name, _, _ := strings.Cut(image, "@sha256:")
	return name
}
