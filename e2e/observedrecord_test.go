package e2e

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// recordedState reads states/NAME.json: snapshots by host.
func recordedState(t *testing.T, name string) map[string]snapshot {
	t.Helper()
	var hosts map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(observedFile(t, "states/"+name+".json")), &hosts); err != nil {
		t.Fatal(err)
	}
	out := map[string]snapshot{}
	for host, sections := range hosts {
		if !strings.HasPrefix(host, recordedNet) {
			continue // answers over HTTP
		}
		s := snapshot{}
		for key, raw := range sections {
			s.read(t, key, raw)
		}
		out[host] = s
	}
	return out
}

func (s snapshot) read(t *testing.T, key string, raw json.RawMessage) {
	t.Helper()
	if key == "files" {
		var files map[string][]string
		if err := json.Unmarshal(raw, &files); err != nil {
			t.Fatal(err)
		}
		for path, lines := range files {
			s["file "+path] = lines
		}
		return
	}
	var lines []string
	if err := json.Unmarshal(raw, &lines); err != nil {
		t.Fatal(err)
	}
	section, _, _ := strings.Cut(key, " (")
	section = strings.ReplaceAll(strings.Replace(section, "audit_added ", "audit ", 1), "_", " ")
	if section == "proxy volume" {
		lines = labProxyOwner(lines)
	}
	s[section] = lines
}

// labProxyOwner leaves the volume's own folder out and gives its files to the
// user of the lab's proxy image, which has another number than the recorded one.
func labProxyOwner(lines []string) (out []string) {
	for _, l := range lines {
		if pathOf(l) != "" {
			out = append(out, strings.Replace(l, "1001:1001", "1000:1000", 1))
		}
	}
	return out
}

// labProxyImage exchanges what the proxy's image says of itself for the words of
// the lab's build of it, and gives it its tag, which one engine of the recording
// had lost by then.
var labProxyImage = strings.NewReplacer(
	`"kamal-proxy:kamal-proxy"`, `"kamal-proxy"`,
	`"PATH=/usr/local/bin"`, `"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"`,
	"<image <none>:<none>>", "<image kamal-proxy:v0.9.2>",
)

// without drops the lines that match, in all sections, and whole sections.
func (s snapshot) without(pattern string) snapshot {
	re := regexp.MustCompile(pattern)
	out := snapshot{}
	for section, lines := range s {
		if !re.MatchString(section) {
			out[section] = slices.DeleteFunc(slices.Clone(lines), re.MatchString)
		}
	}
	return out
}

// only keeps the lines that match, and whole sections.
func (s snapshot) only(pattern string) snapshot {
	re := regexp.MustCompile(pattern)
	out := snapshot{}
	for section, lines := range s {
		if !re.MatchString(section) {
			lines = slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !re.MatchString(l) })
		}
		out[section] = lines
	}
	return out
}

var certSize = regexp.MustCompile(`\b\d+( \S+/cert\.pem)$`)

// comparable brings both sides into one form: sorted where the order says
// nothing, state files as JSON with sorted keys, sizes that follow from names
// and tables without their blanks.
func (s snapshot) comparable(w *world) snapshot {
	w.Helper()
	out := snapshot{}
	for section, lines := range s {
		lines = slices.Clone(lines)
		switch {
		case section == "proxy state":
			for i, l := range lines {
				var v any
				if err := json.Unmarshal([]byte(l), &v); err != nil {
					w.Fatal(err)
				}
				lines[i] = canonical(w, v)
			}
			sort.Strings(lines)
		case section == "proxy list":
			for i, l := range lines {
				lines[i] = strings.Join(strings.Fields(l), " ")
			}
		case section == "tree":
			for i, l := range lines {
				lines[i] = certSize.ReplaceAllString(l, "<n>$1") // its signature's length varies
			}
			sort.Slice(lines, func(i, j int) bool { return pathOf(lines[i]) < pathOf(lines[j]) })
		case section == "images" || section == "networks" || section == "volumes" || section == "proxy volume":
			sort.Strings(lines)
		}
		if len(lines) > 0 {
			out[section] = lines
		}
	}
	return out
}

// recordedInspect reads inspect/NAME.json as lines by "HOST CONTAINER".
func recordedInspect(t *testing.T, name string) map[string][]string {
	t.Helper()
	text := labProxyImage.Replace(observedFile(t, "inspect/"+name+".json"))
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for key, v := range all {
		out[key] = flat(v)
	}
	return out
}

// sameSnapshot compares all sections of one host.
func sameSnapshot(w *world, host string, want, got snapshot) {
	w.Helper()
	want, got = want.comparable(w), got.comparable(w)
	sections := map[string]bool{}
	for s := range want {
		sections[s] = true
	}
	for s := range got {
		sections[s] = true
	}
	for _, s := range slices.Sorted(maps.Keys(sections)) {
		sameLines(w.T, host+": "+s, want[s], got[s])
	}
}

// sameLines reports each line that only one side has; when there is none, that
// the order differs.
func sameLines(t *testing.T, what string, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	t.Errorf("%s differs from the recording:%s", what, difference(want, got))
}

func difference(want, got []string) string {
	rest := slices.Clone(got)
	var b strings.Builder
	for _, l := range want {
		if i := slices.Index(rest, l); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		b.WriteString("\n  - " + l)
	}
	for _, l := range rest {
		b.WriteString("\n  + " + l)
	}
	if b.Len() == 0 {
		b.WriteString(" the order:\n  " + strings.Join(got, "\n  ") + "\n  instead of\n  " + strings.Join(want, "\n  "))
	}
	return b.String()
}
