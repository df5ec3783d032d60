package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/jsonmessage"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Transfer is one message of a pull or push.
type Transfer struct {
	Layer   string // 12 digits of the layer; "" for the image as a whole
	Status  string // the engine's words: "Downloading", "Pull complete" …
	Current int64  // bytes so far in this status; 0 = not told
	Total   int64
}

// PullOptions are for Pull.
type PullOptions struct {
	// Auth is the X-Registry-Auth header: JSON {username, password,
	// serveraddress} in URL-safe base64. Zero = none.
	Auth     secret.Secret
	Platform string         // "linux/arm64"; "" = the engine's
	Progress func(Transfer) // called from one goroutine; may be nil
}

// Pull fetches an image by tag or digest ("repo:tag", "repo@sha256:…"). Pulled
// by digest, an image has no tag: call Tag before anything prunes it. Errors:
// IsDenied, IsNotFound, and whatever stops the transfer.
func (c *Client) Pull(ctx context.Context, ref string, o PullOptions) error {
	return c.do(ctx, "pull "+ref, func(api *client.Client) error {
		r, err := api.ImagePull(ctx, ref, image.PullOptions{RegistryAuth: o.Auth.Reveal(), Platform: o.Platform})
		if err != nil {
			return classify(err)
		}
		return follow(ctx, r, o.Progress, nil)
	})
}

// PushOptions are for Push.
type PushOptions struct {
	Auth     secret.Secret // as PullOptions.Auth
	Progress func(Transfer)
}

// Pushed is what the registry now has.
type Pushed struct {
	Digest string // "sha256:…" of the manifest
}

// Push sends one tag of an image to its registry. An engine tries for 50 s more
// when the registry refuses: check credentials and the right to push before.
func (c *Client) Push(ctx context.Context, ref string, o PushOptions) (Pushed, error) {
	var out Pushed
	err := c.do(ctx, "push "+ref, func(api *client.Client) error {
		// The engine refuses a push without any header: {} means no credentials.
		auth := o.Auth.Reveal()
		if auth == "" {
			auth = "e30="
		}
		r, err := api.ImagePush(ctx, ref, image.PushOptions{RegistryAuth: auth})
		if err != nil {
			return classify(err)
		}
		if err := follow(ctx, r, o.Progress, &out); err != nil {
			return err
		}
		if out.Digest == "" {
			return errors.New("the engine did not tell the digest")
		}
		return nil
	})
	return out, err
}

// Load takes the images of an archive, as `docker save` and BuildKit's exporter
// "docker" make it.
func (c *Client) Load(ctx context.Context, archive io.Reader) error {
	return c.do(ctx, "load an image", func(api *client.Client) error {
		r, err := api.ImageLoad(ctx, archive, client.ImageLoadWithQuiet(true))
		if err != nil {
			return err
		}
		return follow(ctx, r.Body, nil, nil)
	})
}

// follow reads a stream of messages to its end. A failure is a message in it,
// under the status 200.
func follow(ctx context.Context, r io.ReadCloser, progress func(Transfer), pushed *Pushed) error {
	err := messages(json.NewDecoder(r), progress, pushed)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func messages(d *json.Decoder, progress func(Transfer), pushed *Pushed) error {
	for {
		var m jsonmessage.JSONMessage
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("the engine's answer broke off: %w", err)
		}
		if m.Error != nil {
			return classify(m.Error)
		}
		if m.Aux != nil && pushed != nil {
			if err := json.Unmarshal(*m.Aux, pushed); err != nil {
				return fmt.Errorf("the engine's answer: %w", err)
			}
		}
		if progress != nil && m.Status != "" {
			progress(transfer(m))
		}
	}
}

func transfer(m jsonmessage.JSONMessage) Transfer {
	t := Transfer{Status: m.Status}
	if m.Progress != nil {
		t.Current, t.Total = m.Progress.Current, m.Progress.Total
	}
	// The first message of a pull carries the tag where layers carry their id.
	if len(m.ID) == 12 && !strings.HasPrefix(m.Status, "Pulling from") {
		t.Layer = m.ID
	}
	return t
}

// registryCodes are the error codes of the distribution specification and what
// they mean here. The engine passes a registry's refusal on as text, most often
// under status 500, so the code at its front is all there is to go by.
//
// Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
var registryCodes = []struct {
	code  string
	class error
}{
	{"unauthorized", errdefs.ErrUnauthenticated},
	{"no basic auth credentials", errdefs.ErrUnauthenticated},
	{"denied", errdefs.ErrPermissionDenied},
	{"manifest unknown", errdefs.ErrNotFound},
	{"name unknown", errdefs.ErrNotFound},
	{"repository name not known", errdefs.ErrNotFound},
	{"tag does not exist", errdefs.ErrNotFound}, // the engine's own: nothing to push
	{"an image does not exist locally", errdefs.ErrNotFound},
	{"toomanyrequests", errdefs.ErrResourceExhausted},
}

// classify gives a registry's refusal its class and leaves everything else.
func classify(err error) error {
	text := strings.ToLower(strings.TrimPrefix(err.Error(), "Error response from daemon: "))
	for _, r := range registryCodes {
		if strings.HasPrefix(text, r.code) || strings.Contains(text, ": "+r.code) {
			return &classed{err, r.class}
		}
	}
	return err
}

// classed is an error with a class from errdefs, in its own words.
type classed struct {
	err, class error
}

func (e *classed) Error() string   { return e.err.Error() }
func (e *classed) Unwrap() []error { return []error{e.class, e.err} }
