package cloudflare

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
)

// Script is a Worker.
type Script struct {
	Versions    []Version
	Deployments []Deployment // the newest first
	Settings    map[string]any
	Subdomain   Subdomain
	Crons       []string
}

// Version is an upload.
type Version struct {
	ID       string
	Metadata map[string]any
	Bindings []map[string]any // with those that were kept
	Parts    []Part
	ETag     string
}

// Deployment makes a version live.
type Deployment struct {
	Version     string
	Annotations map[string]any
}

// Subdomain is the address below workers.dev.
type Subdomain struct {
	Enabled  bool `json:"enabled"`
	Previews bool `json:"previews_enabled"`
}

// Script is a script by name; nil = there is none.
func (s *Server) Script(name string) *Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.scripts[name]
	if !ok {
		return nil
	}
	out := *x
	out.Versions, out.Deployments = slices.Clone(x.Versions), slices.Clone(x.Deployments)
	return &out
}

// Live is the version that serves; the zero one when there is none.
func (x *Script) Live() Version {
	for _, v := range x.Versions {
		if len(x.Deployments) > 0 && v.ID == x.Deployments[0].Version {
			return v
		}
	}
	return Version{}
}

// PutSecret does what `wrangler secret put` does: a new version with the secret,
// live at once.
func (s *Server) PutSecret(script, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.scripts[script]
	v := x.Live()
	v.ID = s.id()
	v.Metadata = map[string]any{"annotations": map[string]any{"workers/triggered_by": "secret"}}
	v.Bindings = append(slices.Clone(v.Bindings), map[string]any{"type": "secret_text", "name": name})
	x.Versions = append(x.Versions, v)
	x.Deployments = append([]Deployment{{Version: v.ID}}, x.Deployments...)
}

func (s *Server) find(c *call) *Script {
	if x, ok := s.scripts[c.value("script")]; ok {
		return x
	}
	c.refuse(http.StatusNotFound, 10007, "This Worker does not exist on your account.")
	return nil
}

// putScript takes a script whole, and makes it live.
func (s *Server) putScript(c *call) {
	x, ok := s.scripts[c.value("script")]
	if !ok {
		x = &Script{Subdomain: Subdomain{true, true}}
	}
	v, ok := s.version(c, x, true)
	if !ok {
		return
	}
	s.scripts[c.value("script")] = x
	x.Versions = append(x.Versions, v)
	x.Deployments = append([]Deployment{{Version: v.ID}}, x.Deployments...)
	c.give(map[string]any{"id": c.value("script"), "etag": v.ETag, "startup_time_ms": 3})
}

// postVersion takes a version of a script that is there; it is not live.
func (s *Server) postVersion(c *call) {
	x := s.find(c)
	if x == nil {
		return
	}
	v, ok := s.version(c, x, false)
	if !ok {
		return
	}
	x.Versions = append(x.Versions, v)
	c.give(map[string]any{"id": v.ID, "number": len(x.Versions), "startup_time_ms": 3})
}

// version reads an upload.
func (s *Server) version(c *call, x *Script, whole bool) (Version, bool) {
	meta, parts, why := readUpload(c.r.Header.Get("Content-Type"), c.body, whole)
	if why != "" {
		c.refuse(http.StatusBadRequest, 10021, "%s", why)
		return Version{}, false
	}
	bindings, code, why := bind(meta, x.Live().Bindings, c.r.URL.Query().Get("bindings_inherit") == "strict")
	if why != "" {
		c.refuse(http.StatusBadRequest, code, "%s", why)
		return Version{}, false
	}
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00", p.Name, p.Type, p.Data) //nolint:errcheck // a hash takes all
	}
	return Version{ID: s.id(), Metadata: meta, Bindings: bindings, Parts: parts, ETag: hex.EncodeToString(h.Sum(nil))}, true
}

func (s *Server) getVersion(c *call) {
	x := s.find(c)
	if x == nil {
		return
	}
	for _, v := range x.Versions {
		if v.ID == c.value("version") {
			c.give(map[string]any{"id": v.ID, "annotations": v.Metadata["annotations"], "resources": map[string]any{"bindings": v.Bindings}})
			return
		}
	}
	c.refuse(http.StatusNotFound, 100146, "could not find version")
}

func (s *Server) getDeployments(c *call) {
	x := s.find(c)
	if x == nil {
		return
	}
	out := []any{}
	for _, d := range x.Deployments {
		out = append(out, map[string]any{
			"strategy": "percentage", "annotations": d.Annotations,
			"versions": []any{map[string]any{"version_id": d.Version, "percentage": 100}},
		})
	}
	c.give(map[string]any{"deployments": out})
}

func (s *Server) postDeployment(c *call) {
	x := s.find(c)
	var body struct {
		Strategy    string
		Versions    []map[string]any
		Annotations map[string]any
	}
	if x == nil || !c.read(&body) {
		return
	}
	if body.Strategy != "percentage" || len(body.Versions) != 1 || body.Versions[0]["percentage"] != 100.0 {
		c.refuse(http.StatusBadRequest, 10021, "a deployment should have the strategy percentage, and versions that add up to 100")
		return
	}
	id, _ := body.Versions[0]["version_id"].(string)
	if !slices.ContainsFunc(x.Versions, func(v Version) bool { return v.ID == id }) {
		c.refuse(http.StatusBadRequest, 100146, "could not find version %s", id)
		return
	}
	x.Deployments = append([]Deployment{{id, body.Annotations}}, x.Deployments...)
	c.give(map[string]any{"id": s.id(), "strategy": "percentage"})
}
