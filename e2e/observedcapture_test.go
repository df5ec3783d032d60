package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/lab"
)

// snapshot is what a host shows, as lines by section, in the words of the
// recording: the names in angle brackets stand for what differs from run to run.
type snapshot map[string][]string

// eyes look at a host: they know what was there before the first deploy, and
// under which name each container was first seen.
type eyes struct {
	w      *world
	host   *lab.Host
	before map[string]bool // paths below the login folder
	audits map[string]int  // lines of an audit log that were seen before
	ids    map[string]string
	images map[string]string
}

func (w *world) eyesOn(h *lab.Host) *eyes {
	e := &eyes{w: w, host: h, before: map[string]bool{}, audits: map[string]int{}, ids: map[string]string{}, images: map[string]string{}}
	for _, line := range e.tree() {
		e.before[pathOf(line)] = true
	}
	return e
}

// name is the host as the recording calls it.
func (e *eyes) name() string { return strings.ReplaceAll(e.host.IP, labNet(), recordedNet) }

func (e *eyes) lines(command string) []string {
	e.w.Helper()
	out, err := e.host.Exec(e.w.Context(), command)
	if err != nil {
		e.w.Fatalf("on %s: %v", e.host.Name, err)
	}
	out = strings.TrimSuffix(out, "\n")
	if out == "" {
		return nil
	}
	return strings.Split(out, "\n")
}

// look takes a snapshot. Audit logs are given as far as they grew since the last.
func (e *eyes) look() snapshot {
	e.w.Helper()
	s := snapshot{"containers": e.containers()}
	s["images"] = e.imageLines()
	s["networks"] = e.lines(`docker network ls --filter type=custom --format '{{.Name}} {{.Driver}}'`)
	s["volumes"] = e.lines(`docker volume ls --format '{{.Name}}'`)
	s["proxy volume"] = e.lines(`cd /var/lib/docker/volumes/kamal-proxy-config/_data 2>/dev/null || exit 0; find . -mindepth 1 -printf '%M %U:%G %s %P\n'`)
	for _, l := range e.tree() {
		p := pathOf(l)
		if e.before[p] {
			continue
		}
		s["tree"] = append(s["tree"], l)
		switch {
		case strings.HasSuffix(p, "-audit.log"):
			s["audit "+p] = e.audit(p)
		case strings.HasSuffix(p, ".env"):
			out, err := e.host.ReadFile(e.w.Context(), p)
			if err != nil {
				e.w.Fatal(err)
			}
			s["file "+p] = strings.Split(out, "\n")
		}
	}
	if e.running("kamal-proxy") {
		s["proxy list"] = e.proxyList()
		s["proxy state"] = e.proxyState()
	}
	for section, lines := range s {
		s[section] = e.plain(lines)
	}
	return s
}

var exited = regexp.MustCompile(`^Exited (\(\d+\)) .*`)

func (e *eyes) containers() (out []string) {
	for _, l := range e.lines(`docker ps -a --no-trunc --format '{{.ID}}|{{.Names}}|{{.Image}}|{{.State}}|{{.Status}}'`) {
		f := strings.Split(l, "|")
		if _, ok := e.ids[f[0]]; !ok {
			e.ids[f[0]] = f[1]
		}
		state := f[3]
		if state == "exited" {
			state = exited.ReplaceAllString(f[4], "exited $1")
		}
		out = append(out, f[1]+"  "+f[2]+"  "+state)
	}
	return out
}

// imageLines gives the references of each image, short, in order; without the
// builder's, which the lab keeps on a host for the next scenario that builds.
func (e *eyes) imageLines() (out []string) {
	refs := map[string][]string{}
	for _, l := range e.lines(`docker images -a --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}'`) {
		id, ref, _ := strings.Cut(l, " ")
		if ref == lab.BuildKitImage {
			continue
		}
		refs[id] = append(refs[id], shortRef(ref))
	}
	for id, r := range refs {
		sort.Slice(r, func(i, j int) bool { return !strings.Contains(r[i], ":latest") && strings.Contains(r[j], ":latest") })
		e.images[id] = strings.TrimPrefix(r[0], "basecamp/")
		out = append(out, strings.Join(r, " = "))
	}
	return out
}

func shortRef(ref string) string { return strings.TrimPrefix(ref, theLab.Registry.Addr+"/demo/") }

// tree lists the login folder: mode, owner, size, path. hwdeploy's own folder is
// left out, and the sizes of folders and audit logs.
func (e *eyes) tree() (out []string) {
	for _, l := range e.lines(`find . -mindepth 1 -path ./.kamal/hwdeploy -prune -o -printf '%M %U:%G %s %P\n'`) {
		f := strings.SplitN(l, " ", 4)
		if f[0][0] == 'd' || strings.HasSuffix(f[3], "-audit.log") {
			f[2] = "-"
		}
		if f[3] != "" {
			out = append(out, strings.Join(f, " "))
		}
	}
	return out
}

func pathOf(line string) string { return strings.SplitN(line, " ", 4)[3] }

func (e *eyes) audit(path string) []string {
	all := e.lines("cat " + path)
	fresh := all[min(e.audits[path], len(all)):]
	e.audits[path] = len(all)
	return fresh
}

func (e *eyes) running(name string) bool {
	return len(e.lines("docker ps -q --filter name=^/"+name+"$")) > 0
}

func (e *eyes) proxyList() (out []string) {
	for _, l := range e.lines("docker exec kamal-proxy kamal-proxy list") {
		out = append(out, colour.ReplaceAllString(l, ""))
	}
	return out
}

func (e *eyes) proxyState() (out []string) {
	e.w.Helper()
	var services []any
	text := strings.Join(e.lines("cat /var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state"), "\n")
	if err := json.Unmarshal([]byte(text), &services); err != nil {
		e.w.Fatalf("the proxy's state: %v\n%s", err, text)
	}
	for _, s := range services {
		out = append(out, canonical(e.w, s))
	}
	return out
}

// canonical is JSON with sorted keys.
func canonical(w *world, v any) string {
	w.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		w.Fatal(err)
	}
	return string(b)
}

var (
	colour   = regexp.MustCompile("\x1b\\[[0-9;]*m")
	hostName = regexp.MustCompile(`(172\.28\.0\.\d+)-[0-9a-f]{12}\b`)
	stamp    = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

// plain puts the recording's placeholders into lines.
func (e *eyes) plain(lines []string) []string {
	pairs := []string{labNet(), recordedNet}
	for id, name := range e.ids {
		pairs = append(pairs, id, "<long id of "+name+">", id[:12], "<id of "+name+">")
	}
	for id, ref := range e.images {
		pairs = append(pairs, id, fmt.Sprintf("<image %s>", ref))
	}
	r := strings.NewReplacer(pairs...)
	out := make([]string, len(lines))
	for i, l := range lines {
		l = hostName.ReplaceAllString(r.Replace(l), "$1-<12 hex>")
		out[i] = stamp.ReplaceAllString(l, "<time>")
	}
	return out
}
