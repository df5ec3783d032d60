package cloudflare

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// call is a request that is being answered.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	body   []byte
	status int
}

func (c *call) value(name string) string { return c.r.PathValue(name) }

// give answers with a result, in the API's envelope.
func (c *call) give(result any) { c.page(result, "") }

// page is give with a cursor for the next page.
func (c *call) page(result any, after string) {
	env := map[string]any{"success": true, "errors": []any{}, "messages": []any{}, "result": result}
	if after != "" {
		env["result_info"] = map[string]any{"cursors": map[string]string{"after": after}}
	}
	c.send(http.StatusOK, env)
}

func (c *call) refuse(status, code int, format string, args ...any) {
	c.send(status, map[string]any{
		"success": false, "messages": []any{}, "result": nil,
		"errors": []any{map[string]any{"code": code, "message": fmt.Sprintf(format, args...)}},
	})
}

func (c *call) send(status int, v any) {
	c.status = status
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // what is sent here always encodes
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Header().Set("Cf-Ray", "8f00000000000000-LAB")
	c.w.WriteHeader(status)
	if _, err := c.w.Write(text); err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
}

// read takes a JSON body, and refuses any other.
func (c *call) read(into any) bool {
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		c.refuse(http.StatusUnsupportedMediaType, 10005, "the content type should be application/json")
		return false
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		c.refuse(http.StatusBadRequest, 10026, "the body is no JSON: %v", err)
		return false
	}
	return true
}

// struck answers with a fault that waits for this request.
func (s *Server) struck(c *call) bool {
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return strings.Contains(c.r.URL.Path, f.Path) })
	if i < 0 {
		return false
	}
	f := s.faults[i]
	s.faults = slices.Delete(s.faults, i, i+1)
	switch {
	case f.TooMany != "":
		c.w.Header().Set("Retry-After", f.TooMany)
		c.refuse(http.StatusTooManyRequests, 971, "Please wait and consider throttling your request speed")
	case f.HTML:
		c.status = http.StatusBadGateway
		c.w.Header().Set("Content-Type", "text/html")
		c.w.WriteHeader(c.status)
		if _, err := c.w.Write([]byte("<html>502 Bad Gateway</html>")); err != nil {
			panic(http.ErrAbortHandler)
		}
	case f.Untrue:
		c.send(http.StatusOK, map[string]any{
			"success": false, "errors": []any{"something went wrong"}, "messages": []any{"as text"}, "result": nil,
		})
	case f.Cut:
		panic(http.ErrAbortHandler)
	}
	return true
}

// Fail adds faults, each for one request.
func (s *Server) Fail(f ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f...)
}

// Requests are all requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Writes are the requests so far that are no looks.
func (s *Server) Writes() []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return !r.Write() })
}

// Forget empties the record of requests and purges.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.purges = nil, nil
}

// id makes one that was not there before.
func (s *Server) id() string {
	s.ids++
	return fmt.Sprintf("%032x", s.ids)
}
