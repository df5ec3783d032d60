package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// seeds gives one host per set of registry mirrors, and the others; hosts without
// a mirror are all the same. The engines are only asked when there are several.
func (e *Engine) seeds(ctx context.Context, hosts []string) (first, rest []string, err error) {
	if len(hosts) < 2 {
		return hosts, nil, nil
	}
	mirrors := map[string]string{}
	var mu sync.Mutex
	err = e.each(ctx, hosts, func(ctx context.Context, h Host) error {
		info, err := h.Docker().Info(ctx)
		mu.Lock()
		defer mu.Unlock()
		mirrors[h.Name()] = strings.Join(info.Mirrors, " ")
		return err
	})
	seen := map[string]bool{}
	for _, name := range hosts {
		m := mirrors[name]
		if m == "" || !seen[m] {
			first = append(first, name)
		} else {
			rest = append(rest, name)
		}
		seen[m] = true
	}
	return first, rest, err
}

// fits makes sure that the image is for the hosts' machines, before any of them
// pulls it. No platforms = not known.
func (e *Engine) fits(ctx context.Context, hosts []string, image string, platforms []string) error {
	if len(platforms) == 0 {
		return nil
	}
	return e.each(ctx, hosts, func(ctx context.Context, h Host) error {
		engine, err := h.Docker().Ping(ctx) // known since the greeting
		if err != nil {
			return err
		}
		has := engine.OS + "/" + engine.Arch
		if slices.ContainsFunc(platforms, func(p string) bool { return p == has || strings.HasPrefix(p, has+"/") }) {
			return nil
		}
		return &PlatformError{Image: image, Platforms: platforms, Host: h.Name(), Has: has}
	})
}

// PlatformError is an image that a host can't run.
type PlatformError struct {
	Image     string
	Platforms []string
	Host, Has string
}

func (e *PlatformError) Error() string {
	return fmt.Sprintf("%s is for %s, but %s is %s", e.Image, strings.Join(e.Platforms, " and "), e.Host, e.Has)
}

// ExitCode is 1: nothing was touched.
func (e *PlatformError) ExitCode() int { return 1 }

// Serving says that no host was touched.
func (e *PlatformError) Serving() []string { return []string{"no host was touched"} }

// Hints say what to try.
func (e *PlatformError) Hints() []string {
	_, arch, _ := strings.Cut(e.Has, "/")
	return []string{"set builder/arch to " + arch + ", or to a list of all that hosts are"}
}

// LabelError is an image without the label that Kamal finds images by.
type LabelError struct{ Image, Label, Service string }

func (e *LabelError) Error() string {
	text := fmt.Sprintf("Image %s is missing the 'service' label", e.Image)
	if e.Label != "" {
		text += fmt.Sprintf(" (it says %q, wanted %q)", e.Label, e.Service)
	}
	return text
}

// ExitCode is 1: nothing was touched.
func (e *LabelError) ExitCode() int { return 1 }

// Hints say what to try.
func (e *LabelError) Hints() []string {
	return []string{"build it with hwdeploy or Kamal, or with --label service=" + e.Service}
}
