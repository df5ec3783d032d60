package cloudflare

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

// List is a list of redirects.
type List struct {
	ID, Name, Kind string
	Items          []Item
}

// Item is a redirect as it was sent.
type Item struct {
	ID       string         `json:"id"`
	Redirect map[string]any `json:"redirect"`
	Comment  string         `json:"comment,omitempty"`
}

// operation is a write that goes on after its answer.
type operation struct {
	id, status string
	list       *List
	items      []Item
	fails      string
}

// AddList makes a list with items, without a request.
func (s *Server) AddList(name, kind string, items ...Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range items {
		items[i].ID = s.id()
	}
	s.lists = append(s.lists, &List{ID: s.id(), Name: name, Kind: kind, Items: items})
}

// Items are the items of a list now.
func (s *Server) Items(name string) []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lists {
		if l.Name == name {
			return slices.Clone(l.Items)
		}
	}
	return nil
}

// Occupy begins a write of somebody else, which ends when end is called.
func (s *Server) Occupy() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = &operation{id: s.id(), status: "running"}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pending = nil
	}
}

// FailNextWrite lets the next write of items be accepted, and fail later.
func (s *Server) FailNextWrite(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done["next"] = &operation{fails: why}
}

var listName = regexp.MustCompile(`^[a-zA-Z0-9_]{1,50}$`)

func (s *Server) getLists(c *call) {
	out := []any{}
	for _, l := range s.lists {
		out = append(out, map[string]any{"id": l.ID, "name": l.Name, "kind": l.Kind, "num_items": len(l.Items)})
	}
	c.give(out)
}

func (s *Server) postList(c *call) {
	var body struct{ Name, Kind, Description string }
	if !c.read(&body) {
		return
	}
	if !listName.MatchString(body.Name) || body.Kind != "redirect" || len(body.Description) > 500 {
		c.refuse(http.StatusBadRequest, 10017, "invalid name, kind or description")
		return
	}
	if slices.ContainsFunc(s.lists, func(l *List) bool { return l.Name == body.Name }) {
		c.refuse(http.StatusBadRequest, 10014, "a list with this name is there already")
		return
	}
	l := &List{ID: s.id(), Name: body.Name, Kind: body.Kind}
	s.lists = append(s.lists, l)
	c.give(map[string]any{"id": l.ID, "name": l.Name, "kind": l.Kind})
}

func (s *Server) list(c *call) *List {
	for _, l := range s.lists {
		if l.ID == c.value("list") {
			return l
		}
	}
	c.refuse(http.StatusNotFound, 10001, "could not find list")
	return nil
}

// getBelow tells the two things below lists apart, which patterns can't.
func (s *Server) getBelow(c *call) {
	switch {
	case c.value("list") == "bulk_operations":
		s.getOperation(c)
	case c.value("below") == "items":
		s.getItems(c)
	default:
		c.refuse(http.StatusNotFound, 7003, "Could not route to %s", c.r.URL.Path)
	}
}

// getItems pages by cursor.
func (s *Server) getItems(c *call) {
	l := s.list(c)
	if l == nil {
		return
	}
	size, from := 25, 0
	if v := c.r.URL.Query().Get("per_page"); v != "" {
		size, _ = strconv.Atoi(v) // checked below
	}
	if v := c.r.URL.Query().Get("cursor"); v != "" {
		from, _ = strconv.Atoi(v[len("at-"):]) // ours
	}
	if size < 1 || size > 500 {
		c.refuse(http.StatusBadRequest, 10022, "per_page should be 1 to 500")
		return
	}
	to, after := from+size, ""
	if to < len(l.Items) {
		after = "at-" + strconv.Itoa(to)
	}
	c.page(append([]Item{}, l.Items[from:min(to, len(l.Items))]...), after)
}

// putItems begins a write: one at a time in an account.
func (s *Server) putItems(c *call) {
	l := s.list(c)
	if l == nil {
		return
	}
	if s.pending != nil {
		c.refuse(http.StatusTooManyRequests, 10043, "a bulk operation is already pending for this account")
		return
	}
	var items []Item
	if !c.read(&items) {
		return
	}
	if why := s.wrongItems(l, items); why != "" {
		c.refuse(http.StatusBadRequest, 10026, "%s", why)
		return
	}
	for i := range items {
		items[i].ID = s.id()
	}
	s.pending = &operation{id: s.id(), status: "pending", list: l, items: items}
	if f := s.done["next"]; f != nil {
		s.pending.fails = f.fails
		delete(s.done, "next")
	}
	s.done[s.pending.id] = s.pending
	c.give(map[string]string{"operation_id": s.pending.id})
}

// getOperation lets a write go on by one step per look.
func (s *Server) getOperation(c *call) {
	op := s.done[c.value("below")]
	if op == nil {
		c.refuse(http.StatusNotFound, 10001, "could not find operation")
		return
	}
	out := map[string]any{"id": op.id, "status": op.status}
	switch op.status {
	case "pending":
		op.status = "running"
	case "running":
		s.pending = nil
		if op.status = "completed"; op.fails != "" {
			op.status = "failed"
		} else {
			op.list.Items = op.items
		}
	case "failed":
		out["error"] = op.fails
	}
	c.give(out)
}
