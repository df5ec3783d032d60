package lab

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// service runs one of the lab's own services, unless it runs already just so.
// Its address is the lab's subnet with the last octet.
func (l *Lab) service(ctx context.Context, name, image string, last int, fresh bool, env ...string) error {
	full := l.network() + "-" + name
	spec, err := hashOf(nil, append([]string{image, l.ip(last)}, env...)...)
	if err != nil {
		return err
	}
	state, err := l.found(ctx, full, spec)
	if err != nil {
		return err
	}
	if state == "running" && !fresh {
		return nil
	}
	if state != "" {
		if _, err := docker(ctx, "rm", "--force", "--volumes", full); err != nil {
			return err
		}
	}
	args := []string{"run", "--detach", "--name", full, "--label", label + ".spec=" + spec,
		"--network", l.network(), "--ip", l.ip(last), "--restart", "unless-stopped"}
	args = append(args, l.owned()...)
	for _, e := range env {
		args = append(args, "--env", e)
	}
	_, err = docker(ctx, append(args, image, "/lab"+name)...)
	return err
}

// found gives the state of the container ("" = there is none), after it has
// removed one that was made by another recipe.
func (l *Lab) found(ctx context.Context, container, spec string) (string, error) {
	out, err := docker(ctx, "ps", "--all", "--filter", "name=^/"+container+"$", "--format", `{{.State}} {{.Label "`+label+`"}} {{.Label "`+label+`.spec"}}`)
	if err != nil {
		return "", err
	}
	f := strings.Fields(out)
	switch {
	case len(f) == 0:
		return "", nil
	case len(f) < 2 || f[1] != l.Name:
		return "", fmt.Errorf("a container named %s exists that is not this lab's: remove or rename it", container)
	case len(f) == 3 && f[2] == spec:
		return f[0], nil
	}
	_, err = docker(ctx, "rm", "--force", "--volumes", container)
	return "", err
}

func (l *Lab) startDB(ctx context.Context, p parts, fresh bool) error {
	if err := l.service(ctx, "db", p.serviceImage, dbOctet, fresh); err != nil {
		return err
	}
	return poll(ctx, 20*time.Second, 50*time.Millisecond, "the lab's database answers", func(ctx context.Context) error {
		_, err := l.DB.Snapshot(ctx)
		return err
	})
}

func (l *Lab) startRegistry(ctx context.Context, p parts, fresh bool) error {
	r := l.Registry
	err := l.service(ctx, "registry", p.serviceImage, registryOctet, fresh, "REGISTRY_USER="+r.Username, "REGISTRY_PASSWORD="+r.Password)
	if err != nil {
		return err
	}
	err = poll(ctx, 20*time.Second, 50*time.Millisecond, "the lab's registry answers", func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.Addr+"/v2/", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	if err != nil {
		return err
	}
	r.proxyTar = p.proxyTar
	return r.ensureProxy(ctx)
}
