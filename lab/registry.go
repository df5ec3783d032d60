package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/warmlyyours/hwdeploy/lab/registryd"
)

// Registry is the lab's registry, seen with its account.
type Registry struct {
	Addr               string // "172.28.0.5:5000", good as registry.server
	Username, Password string // both empty when there are no accounts
	control            string
	proxyTar           string
}

// TokenAddr is the address where the same registry wants tokens, as GHCR does;
// good as registry.server.
func (r *Registry) TokenAddr() string { return strings.TrimSuffix(r.Addr, ":5000") + ":5002" }

// TLSAddr is the address where the same registry speaks TLS, with a certificate
// of an authority of its own.
func (r *Registry) TLSAddr() string { return strings.TrimSuffix(r.Addr, ":5000") + ":5443" }

// CA is that authority's certificate, PEM.
func (r *Registry) CA(ctx context.Context) ([]byte, error) {
	return r.panel(ctx, http.MethodGet, "/ca", nil)
}

func (r *Registry) options(ctx context.Context) []remote.Option {
	opts := []remote.Option{remote.WithContext(ctx)}
	if r.Password != "" {
		opts = append(opts, remote.WithAuth(&authn.Basic{Username: r.Username, Password: r.Password}))
	}
	return opts
}

func (r *Registry) ref(image string) (name.Reference, error) {
	return name.ParseReference(r.Addr+"/"+image, name.Insecure)
}

// Image gives what the registry has under "repository:tag" or "repository@digest".
func (r *Registry) Image(ctx context.Context, image string) (v1.Image, error) {
	ref, err := r.ref(image)
	if err != nil {
		return nil, err
	}
	return remote.Image(ref, r.options(ctx)...)
}

// Digest is the manifest digest of "repository:tag"; "" when there is none.
func (r *Registry) Digest(ctx context.Context, image string) (string, error) {
	ref, err := r.ref(image)
	if err != nil {
		return "", err
	}
	d, err := remote.Head(ref, r.options(ctx)...)
	var refused *transport.Error
	if errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("lab registry: %w", err)
	}
	return d.Digest.String(), nil
}

// Tags lists the tags of a repository.
func (r *Registry) Tags(ctx context.Context, repository string) ([]string, error) {
	repo, err := name.NewRepository(r.Addr+"/"+repository, name.Insecure)
	if err != nil {
		return nil, err
	}
	return remote.List(repo, r.options(ctx)...)
}

// Push writes img under "repository:tag".
func (r *Registry) Push(ctx context.Context, image string, img v1.Image) error {
	ref, err := r.ref(image)
	if err != nil {
		return err
	}
	if err := remote.Write(ref, img, r.options(ctx)...); err != nil {
		return fmt.Errorf("push %s to the lab registry: %w", image, err)
	}
	return nil
}

// ensureProxy gives the registry the proxy's image, unless it has it.
func (r *Registry) ensureProxy(ctx context.Context) error {
	if d, err := r.Digest(ctx, ProxyImage); err != nil || d != "" {
		return err
	}
	img, err := tarball.ImageFromPath(r.proxyTar, nil)
	if err != nil {
		return err
	}
	return r.Push(ctx, ProxyImage, img)
}

// Reset forgets faults, requests and all images but the proxy's.
func (r *Registry) Reset(ctx context.Context) error {
	if err := r.SetFaults(ctx, registryd.Faults{}); err != nil {
		return err
	}
	if _, err := r.panel(ctx, http.MethodDelete, "/images", nil); err != nil {
		return err
	}
	if err := r.ensureProxy(ctx); err != nil {
		return err
	}
	return r.ForgetRequests(ctx)
}

// SetFaults makes the registry misbehave until it is given the zero Faults.
func (r *Registry) SetFaults(ctx context.Context, f registryd.Faults) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	_, err = r.panel(ctx, http.MethodPut, "/faults", body)
	return err
}

// Requests is the log since ForgetRequests.
func (r *Registry) Requests(ctx context.Context) ([]registryd.Request, error) {
	text, err := r.panel(ctx, http.MethodGet, "/requests", nil)
	if err != nil {
		return nil, err
	}
	var out []registryd.Request
	return out, json.Unmarshal(text, &out)
}

// ForgetRequests empties the log.
func (r *Registry) ForgetRequests(ctx context.Context) error {
	_, err := r.panel(ctx, http.MethodDelete, "/requests", nil)
	return err
}

func (r *Registry) panel(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.control+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("lab registry's control panel: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("lab registry's control panel: %s %s", resp.Status, text)
	}
	return text, err
}
