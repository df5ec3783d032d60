package config

import (
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// hosts gives the host entries of a role. Entries that are no text are dropped,
// as by Kamal; the last entry of a host that is listed twice counts.
func (l *loader) hosts(path string, list Value) []Host {
	if list == nil || list.Kind != psych.List {
		return nil
	}
	var out []Host
	at := map[string]int{}
	for i, item := range list.Items {
		h, ok := l.host(under(path, i), item)
		if !ok {
			continue
		}
		if old, twice := at[h.Name]; twice {
			l.remark(h.Pos, under(path, i), fmt.Sprintf("host %s is listed twice in the role; the tags of this entry count", h.Name), "")
			h.Pos, out[old] = out[old].Pos, h
			continue
		}
		at[h.Name] = len(out)
		out = append(out, h)
	}
	return out
}

func (l *loader) host(path string, item Value) (Host, bool) {
	h := Host{Name: item.Text(), Pos: item.Pos}
	switch {
	case item.Kind == psych.Map && len(item.Pairs) == 1:
		p := item.Pairs[0]
		h.Name, h.Pos, h.Tags = p.Key.KeyText(), p.Key.Pos, hostTags(p.Value)
		l.warnKey(path, p.Key)
	case item.Kind == psych.String:
	case item.IsString():
		l.remark(item.Pos, path, fmt.Sprintf("%s is not text and is dropped from the hosts", item.Raw), "quote it")
		return h, false
	default:
		return h, false
	}
	l.warnHost(h.Pos, path, h.Name)
	return h, true
}

// hostTags: one string is one tag.
func hostTags(n Value) []string {
	if n.Kind == psych.List {
		return words(n)
	}
	return []string{n.Text()}
}

// warnHost: what stands before @ or after : is taken as part of the name when
// roles and filters are matched.
func (l *loader) warnHost(at Pos, path, name string) {
	if strings.Contains(name, "@") || strings.Count(name, ":") == 1 {
		l.remark(at, path, fmt.Sprintf("host %q holds a user or a port; filters and roles then don't match it", name), "use ssh/user and ssh/port")
	}
}
