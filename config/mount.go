package config

import (
	"fmt"
	"path"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// mounts gives the files or directories of an accessory. key tells which entries
// are the same to Kamal: the later one replaces the earlier in its place.
func (l *loader) mounts(path string, n Value, key func(local string) string) []Mount {
	if n == nil || n.Kind != psych.List {
		return nil
	}
	var out []Mount
	at := map[string]int{}
	for i, item := range n.Items {
		m := mountOf(item)
		l.warnMount(under(path, i), item, m)
		k := key(m.Local)
		if old, twice := at[k]; twice && k != "" {
			l.remark(m.Pos, under(path, i), fmt.Sprintf("%s is listed twice; this entry replaces the other", m.Local), "mount it once, or copy it")
			out[old] = m
			continue
		}
		at[k] = len(out)
		out = append(out, m)
	}
	return out
}

func mountOf(n Value) Mount {
	if n.Kind == psych.Map {
		return Mount{
			Local: n.Get("local").Text(), Remote: n.Get("remote").Text(), Options: n.Get("options").Text(),
			Mode: textOr(n.Get("mode"), ""), Owner: n.Get("owner").Text(), Pos: n.Pos,
		}
	}
	m := Mount{Pos: n.Pos}
	parts := strings.SplitN(n.Text(), ":", 3)
	m.Local = parts[0]
	if len(parts) > 1 {
		m.Remote = parts[1]
	}
	if len(parts) > 2 {
		m.Options = parts[2]
	}
	return m
}

// fileKey: rendered files are never the same.
func fileKey(local string) string {
	if strings.HasSuffix(local, "erb") {
		return ""
	}
	return path.Clean(local)
}

func directoryKey(local string) string {
	if local == "" {
		return ""
	}
	return strings.TrimPrefix(local, "./")
}

func (l *loader) warnMount(path string, n Value, m Mount) {
	switch {
	case m.Remote == "":
		l.remark(m.Pos, path, "no path in the container is given", "write local:remote")
	case strings.Contains(path, "/files/") && !strings.HasPrefix(m.Remote, "/"):
		l.remark(m.Pos, path, fmt.Sprintf("remote %q does not begin with a slash and is glued to the name of the service", m.Remote), "begin it with /")
	}
	if n.Kind != psych.Map && n.Kind != psych.String {
		l.remark(m.Pos, path, "the entry is not text; Kamal stops at it when it is used", "quote it")
	}
}
