package redirect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Redirect is one item of a list, in the API's words.
type Redirect struct {
	SourceURL           string `json:"source_url"`
	TargetURL           string `json:"target_url"`
	StatusCode          int    `json:"status_code"`
	PreserveQueryString bool   `json:"preserve_query_string"`
	IncludeSubdomains   bool   `json:"include_subdomains"`
	SubpathMatching     bool   `json:"subpath_matching"`
	PreservePathSuffix  bool   `json:"preserve_path_suffix"`
}

// Key names the source as the API tells sources apart: the host in lower case,
// an empty path as "/". No scheme stands for both.
func (r Redirect) Key() string {
	scheme, rest, ok := strings.Cut(r.SourceURL, "://")
	if !ok {
		scheme, rest = "", r.SourceURL
	} else {
		scheme = strings.ToLower(scheme) + "://"
	}
	host, path, _ := strings.Cut(rest, "/")
	return scheme + strings.ToLower(host) + "/" + path
}

// same compares what a visitor would notice. The suffix of a path matters only
// where paths below the source match.
func same(a, b Redirect) bool {
	if !a.SubpathMatching {
		a.PreservePathSuffix = b.PreservePathSuffix
	}
	a.SourceURL, b.SourceURL = a.Key(), b.Key()
	return a == b
}

// Diff is what has to happen to one set to make it another, each sorted by key.
type Diff struct{ Added, Changed, Removed []Redirect }

// Empty tells that the sets are equal.
func (d Diff) Empty() bool { return len(d.Added)+len(d.Changed)+len(d.Removed) == 0 }

// Lines show the changes, one each: + added, ~ changed, - removed.
func (d Diff) Lines() []string {
	var out []string
	for _, part := range []struct {
		sign string
		list []Redirect
	}{{"+", d.Added}, {"~", d.Changed}, {"-", d.Removed}} {
		for _, r := range part.list {
			out = append(out, fmt.Sprintf("%s %s → %s (%d)", part.sign, r.SourceURL, r.TargetURL, r.StatusCode))
		}
	}
	return out
}

// Compare gives the changes from what is there to what is wanted.
func Compare(there, wanted []Redirect) Diff {
	var d Diff
	old := map[string]Redirect{}
	for _, r := range there {
		old[r.Key()] = r
	}
	for _, r := range wanted {
		was, ok := old[r.Key()]
		switch delete(old, r.Key()); {
		case !ok:
			d.Added = append(d.Added, r)
		case !same(was, r):
			d.Changed = append(d.Changed, r)
		}
	}
	for _, r := range old {
		d.Removed = append(d.Removed, r)
	}
	for _, list := range [][]Redirect{d.Added, d.Changed, d.Removed} {
		slices.SortFunc(list, func(a, b Redirect) int { return cmp.Compare(a.Key(), b.Key()) })
	}
	return d
}
