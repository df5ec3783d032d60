package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/versions"
)

const (
	// oldestAPI is what 20.10, the oldest engine served, speaks.
	oldestAPI = "1.41"
	// newestAPI is what the library behind this package can speak.
	newestAPI = "1.51"
)

// Engine is what the engine says of itself.
type Engine struct {
	Version    string // "20.10.24"
	APIVersion string // newest API it speaks, "1.41"
	MinAPI     string // oldest API it speaks
	OS, Arch   string // "linux", "amd64"
}

func (e Engine) pinned() string {
	if versions.GreaterThan(e.APIVersion, newestAPI) {
		return newestAPI
	}
	return e.APIVersion
}

// UnsupportedError is an engine that is not served: podman, or too old or new.
type UnsupportedError struct {
	Found string // "podman 4.9.3", "Docker 19.03.15 (API 1.40)"
}

func (e *UnsupportedError) Error() string {
	return e.Found + " is not supported: Docker Engine 20.10 or newer is needed"
}

// Ping asks the engine for its version, once per Client: later calls answer
// from memory. Every other method does it first by itself. Errors:
// *UnsupportedError, and what IsUnreachable knows.
func (c *Client) Ping(ctx context.Context) (Engine, error) {
	if _, err := c.use(ctx); err != nil {
		return Engine{}, c.fail("ask the engine for its version", err)
	}
	return c.settled.Load().engine, nil
}

// ask gets the version by the one path that carries no API version. A stream that
// broke is tried once more: the first one may have been a guess.
func (c *Client) ask(ctx context.Context) (Engine, error) {
	e, err := c.askOnce(ctx)
	var broken *url.Error
	var dialled *dialError
	if errors.As(err, &broken) && !errors.As(err, &dialled) && ctx.Err() == nil {
		return c.askOnce(ctx)
	}
	return e, err
}

func (c *Client) askOnce(ctx context.Context) (Engine, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/version", http.NoBody)
	if err != nil {
		return Engine{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Engine{}, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return Engine{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return Engine{}, fmt.Errorf("the socket answered %s: %s", resp.Status, firstLine(string(body)))
	}
	var v types.Version
	if err := json.Unmarshal(body, &v); err != nil {
		return Engine{}, fmt.Errorf("the socket does not speak the Docker API: %w", err)
	}
	return judge(v, resp.Header.Get("Server"))
}

func judge(v types.Version, server string) (Engine, error) {
	if p := podman(v, server); p != "" {
		return Engine{}, &UnsupportedError{Found: p}
	}
	e := Engine{Version: v.Version, APIVersion: v.APIVersion, MinAPI: v.MinAPIVersion, OS: v.Os, Arch: v.Arch}
	tooOld := e.APIVersion == "" || versions.LessThan(e.APIVersion, oldestAPI)
	tooNew := e.MinAPI != "" && versions.GreaterThan(e.MinAPI, newestAPI)
	if tooOld || tooNew {
		return Engine{}, &UnsupportedError{Found: fmt.Sprintf("Docker %s (API %s)", e.Version, e.APIVersion)}
	}
	return e, nil
}

// podman names itself in the component list and, since 4.0, in the header.
func podman(v types.Version, server string) string {
	for _, c := range v.Components {
		if strings.Contains(strings.ToLower(c.Name), "podman") {
			return "podman " + c.Version
		}
	}
	if strings.HasPrefix(server, "Libpod/") {
		return "podman " + strings.TrimPrefix(server, "Libpod/")
	}
	return ""
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line[:min(len(line), 200)]
}

// HostInfo is the part of the engine's `info` that a deploy needs.
type HostInfo struct {
	Mirrors  []string // of registries, as addresses
	Rootless bool
}

// Info asks for HostInfo.
func (c *Client) Info(ctx context.Context) (HostInfo, error) {
	api, err := c.use(ctx)
	if err != nil {
		return HostInfo{}, c.fail("ask the engine for its state", err)
	}
	i, err := api.Info(ctx)
	if err != nil {
		return HostInfo{}, c.fail("ask the engine for its state", err)
	}
	var h HostInfo
	if i.RegistryConfig != nil {
		h.Mirrors = i.RegistryConfig.Mirrors
	}
	for _, o := range i.SecurityOptions {
		h.Rootless = h.Rootless || strings.Contains(o, "name=rootless")
	}
	return h, nil
}
