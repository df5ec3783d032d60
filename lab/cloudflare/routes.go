package cloudflare

import (
	"net/http"
	"slices"
	"strings"
)

// Route leads from a pattern to a script.
type Route struct {
	ID      string `json:"id"`
	Pattern string `json:"pattern"`
	Script  string `json:"script"`
}

// Domain leads from a host to a script.
type Domain struct {
	Hostname string `json:"hostname"`
	Service  string `json:"service"`
	ZoneID   string `json:"zone_id"`
}

// AddRoute makes a route without a request.
func (s *Server) AddRoute(pattern, script string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes = append(s.routes, Route{s.id(), pattern, script})
}

// Routes are the zone's routes now.
func (s *Server) Routes() []Route {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.routes)
}

// Domains are the custom domains now.
func (s *Server) Domains() []Domain {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.domains)
}

func ofZone(host string) bool { return host == ZoneName || strings.HasSuffix(host, "."+ZoneName) }

func (s *Server) getRoutes(c *call) { c.give(append([]Route{}, s.routes...)) }

func (s *Server) postRoute(c *call) {
	var r Route
	if !c.read(&r) {
		return
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(r.Pattern, "*."), "/")
	switch {
	case !ofZone(host):
		c.refuse(http.StatusBadRequest, 10022, "the pattern is not of this zone")
	case s.scripts[r.Script] == nil:
		c.refuse(http.StatusBadRequest, 10007, "workers.api.error.script_not_found")
	case slices.ContainsFunc(s.routes, func(x Route) bool { return x.Pattern == r.Pattern }):
		c.refuse(http.StatusConflict, 10020, "a route with the same pattern already exists")
	default:
		r.ID = s.id()
		s.routes = append(s.routes, r)
		c.give(r)
	}
}

func (s *Server) getDomains(c *call) { c.give(append([]Domain{}, s.domains...)) }

func (s *Server) putDomain(c *call) {
	var d Domain
	if !c.read(&d) {
		return
	}
	if !ofZone(d.Hostname) || d.ZoneID != Zone || s.scripts[d.Service] == nil {
		c.refuse(http.StatusBadRequest, 100114, "hostname, zone or service is not valid")
		return
	}
	s.domains = append(slices.DeleteFunc(s.domains, func(x Domain) bool { return x.Hostname == d.Hostname }), d)
	c.give(d)
}

func (s *Server) getSubdomain(c *call) {
	if x := s.find(c); x != nil {
		c.give(x.Subdomain)
	}
}

func (s *Server) postSubdomain(c *call) {
	x := s.find(c)
	var body Subdomain
	if x == nil || !c.read(&body) {
		return
	}
	x.Subdomain = body
	c.give(body)
}

func (s *Server) getSchedules(c *call) {
	x := s.find(c)
	if x == nil {
		return
	}
	out := []any{}
	for _, cron := range x.Crons {
		out = append(out, map[string]string{"cron": cron})
	}
	c.give(map[string]any{"schedules": out})
}

func (s *Server) putSchedules(c *call) {
	x := s.find(c)
	var body []struct{ Cron string }
	if x == nil || !c.read(&body) {
		return
	}
	x.Crons = nil
	for _, b := range body {
		x.Crons = append(x.Crons, b.Cron)
	}
	c.give(map[string]any{"schedules": body})
}

func (s *Server) patchSettings(c *call) {
	x := s.find(c)
	var body map[string]any
	if x == nil || !c.read(&body) {
		return
	}
	for k := range body {
		if !slices.Contains([]string{"logpush", "tail_consumers", "observability", "tags"}, k) {
			c.refuse(http.StatusBadRequest, 10021, "unknown setting %s", k)
			return
		}
	}
	x.Settings = body
	c.give(body)
}
