package cloudflare

import (
	"net/http"
	"slices"
	"strings"
)

// SetRules makes the entry point with rules, without a request.
func (s *Server) SetRules(rules ...map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.hasRules = rules, true
}

// Rules are the rules of the entry point now.
func (s *Server) Rules() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rules)
}

func (s *Server) getRules(c *call) {
	if !s.hasRules {
		c.refuse(http.StatusNotFound, 10003, "could not find entrypoint ruleset in the http_request_redirect phase")
		return
	}
	out := []any{}
	for _, r := range s.rules {
		full := map[string]any{"version": "1", "last_updated": "2026-01-01T00:00:00Z"}
		for k, v := range r {
			full[k] = v
		}
		out = append(out, full)
	}
	c.give(map[string]any{"id": "entry", "kind": "root", "phase": "http_request_redirect", "rules": out})
}

func (s *Server) putRules(c *call) {
	var body struct{ Rules []map[string]any }
	if !c.read(&body) {
		return
	}
	for i, r := range body.Rules {
		if why := s.wrongRule(r); why != "" {
			c.refuse(http.StatusBadRequest, 20017, "rule %d: %s", i, why)
			return
		}
		if r["id"] == nil {
			r["id"] = s.id()
		}
	}
	s.rules, s.hasRules = body.Rules, true
	c.give(map[string]any{"id": "entry", "rules": body.Rules})
}

func (s *Server) wrongRule(r map[string]any) string {
	for k := range r {
		if !slices.Contains([]string{"id", "ref", "description", "enabled", "expression", "action", "action_parameters"}, k) {
			return "unknown field " + k
		}
	}
	parameters, _ := r["action_parameters"].(map[string]any)
	from, ok := parameters["from_list"].(map[string]any)
	if r["action"] != "redirect" || !ok {
		return ""
	}
	name, _ := from["name"].(string)
	key, _ := from["key"].(string)
	expression, _ := r["expression"].(string)
	i := slices.IndexFunc(s.lists, func(l *List) bool { return l.Name == name })
	switch {
	case i < 0:
		return "there is no list " + name
	case key == "" || !strings.Contains(expression, key) || !strings.Contains(expression, "$"+name):
		return "expression and key do not use the same field and list"
	}
	return ""
}
