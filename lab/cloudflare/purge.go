package cloudflare

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxFiles is how many URLs a purge takes: the least that a plan was known for.
const maxFiles = 30

// Purge is a purge that was accepted.
type Purge struct {
	Everything bool
	Files      []string
}

// Purges are those so far.
func (s *Server) Purges() []Purge {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.purges)
}

// LimitPurges grants n more purges, then answers one with 429, and so on.
func (s *Server) LimitPurges(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.burst = n + 1
}

func (s *Server) purge(c *call) {
	if s.burst > 0 {
		if s.burst--; s.burst == 0 {
			c.w.Header().Set("Retry-After", "1")
			c.refuse(http.StatusTooManyRequests, 10429, "too many purge requests")
			return
		}
	}
	var body map[string]json.RawMessage
	if !c.read(&body) {
		return
	}
	if len(body) != 1 {
		c.refuse(http.StatusBadRequest, 1092, "exactly one of purge_everything, files, tags, hosts, prefixes is wanted")
		return
	}
	if string(body["purge_everything"]) == "true" {
		s.purges = append(s.purges, Purge{Everything: true})
		c.give(map[string]string{"id": s.id()})
		return
	}
	text, ok := body["files"]
	if !ok {
		c.refuse(http.StatusBadRequest, 1092, "this stand-in purges everything or files")
		return
	}
	var files []string
	if json.Unmarshal(text, &files) != nil {
		c.refuse(http.StatusBadRequest, 1014, "files should be an array")
		return
	}
	if len(files) == 0 || len(files) > maxFiles {
		c.refuse(http.StatusBadRequest, 1093, "%d files: one request takes 1 to %d", len(files), maxFiles)
		return
	}
	for _, f := range files {
		u, err := url.Parse(f)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() != ZoneName && !strings.HasSuffix(u.Hostname(), "."+ZoneName) {
			c.refuse(http.StatusBadRequest, 1012, "Unable to purge %s, which is no URL of this zone", f)
			return
		}
	}
	s.purges = append(s.purges, Purge{Files: files})
	c.give(map[string]string{"id": s.id()})
}
