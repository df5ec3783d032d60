package deploy

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// Migrated is one migrate that ran to its end.
type Migrated struct {
	At      time.Time `json:"at"`
	Version string    `json:"version"`
}

// Past is one run that hosts remember.
type Past struct {
	ID       string     `json:"id,omitempty"` // empty = a run of Kamal's
	Tool     string     `json:"tool"`         // "hwdeploy", or "kamal" where only the audit log tells of it
	Command  string     `json:"command"`
	Version  string     `json:"version"`
	By       string     `json:"by"`
	Began    time.Time  `json:"began"`
	Ended    time.Time  `json:"ended"`  // of the last thing that was noted
	Result   string     `json:"result"` // ok, failed, cancelled, person, interrupted, cut, running; "" = not known
	Hosts    []string   `json:"hosts"`
	Migrates []Migrated `json:"migrates,omitempty"`
}

// line is one record of a journal.
type line struct {
	at   time.Time
	run  string
	word string
	rest string
}

func readLine(text string) (line, bool) {
	w := strings.SplitN(strings.TrimSpace(text), " ", 4)
	if len(w) < 3 {
		return line{}, false
	}
	at, err := time.Parse(time.RFC3339, w[0])
	l := line{at: at, run: w[1], word: w[2]}
	if len(w) == 4 {
		l.rest = w[3]
	}
	return l, err == nil
}

// readJournals puts the journals of hosts together: one Past per run, the newest
// first. alive names the run whose guard lives on a host.
func readJournals(journals map[string]string, alive map[string]string) []*Past {
	runs := map[string]*Past{}
	for host, text := range journals {
		for raw := range strings.Lines(text) {
			l, ok := readLine(raw)
			if !ok {
				continue
			}
			p := runs[l.run]
			if p == nil {
				p = &Past{ID: l.run, Tool: "hwdeploy", Began: l.at, Result: "cut"}
				runs[l.run] = p
			}
			p.take(host, l)
			if alive[host] == l.run {
				p.Result = "running"
			}
		}
	}
	var out []*Past
	for _, p := range runs {
		if p.Command == "" {
			continue // it never got the lock
		}
		sort.Strings(p.Hosts)
		out = append(out, p)
	}
	newestFirst(out)
	return out
}

func newestFirst(runs []*Past) {
	sort.Slice(runs, func(i, j int) bool {
		if !runs[i].Began.Equal(runs[j].Began) {
			return runs[i].Began.After(runs[j].Began)
		}
		return runs[i].ID > runs[j].ID
	})
}

// take adds one record of one host.
func (p *Past) take(host string, l line) {
	if l.at.Before(p.Began) {
		p.Began = l.at
	}
	if l.at.After(p.Ended) {
		p.Ended = l.at
	}
	switch l.word {
	case "started":
		p.Hosts = append(p.Hosts, host)
	case "run":
		// From behind: a command has one word or two, a version may be empty.
		w := strings.Split(l.rest, " ")
		if n := len(w); n >= 3 {
			p.Command, p.Version, p.By = strings.Join(w[:n-2], " "), w[n-2], w[n-1]
		}
	case "migrated":
		v, _, _ := strings.Cut(l.rest, " ")
		p.Migrates = append(p.Migrates, Migrated{At: l.at, Version: v})
	case "result":
		p.Result = l.rest
	case "interrupted":
		p.Result = "interrupted"
	}
}

// kamalGap parts two runs of Kamal's: entries of one version and person that lie
// closer together are of one run.
const kamalGap = 15 * time.Minute

// kamalRuns finds the runs that only the audit logs tell of: boots of a version,
// and migrates on one (migrate is their command; empty = none), at times at which
// no run of ours with that version was at work.
func kamalRuns(app kamal.App, migrate string, audits map[string]string, ours []*Past) []*Past {
	var out []*Past
	for host, text := range audits {
		for raw := range strings.Lines(text) {
			e, ok := app.ParseAudit(raw)
			command, version := "boot", e.Booted()
			if version == "" && migrate != "" {
				command, version = "migrate", e.Executed(migrate)
			}
			if !ok || version == "" || ofOurs(ours, e, version) {
				continue
			}
			p := kamalRun(out, e, command, version)
			if p == nil {
				p = &Past{Tool: "kamal", Command: command, Version: version, By: e.Performer, Began: e.At, Ended: e.At}
				out = append(out, p)
			}
			p.takeAudit(host, e)
		}
	}
	for _, p := range out {
		sort.Strings(p.Hosts)
	}
	return out
}

func (p *Past) takeAudit(host string, e kamal.AuditEntry) {
	if e.At.Before(p.Began) {
		p.Began = e.At
	}
	if e.At.After(p.Ended) {
		p.Ended = e.At
	}
	if !slices.Contains(p.Hosts, host) {
		p.Hosts = append(p.Hosts, host)
	}
	if p.Command == "migrate" {
		p.Migrates = append(p.Migrates, Migrated{At: e.At, Version: p.Version})
	}
}

// ofOurs tells whether a run of ours wrote an audit entry. The clocks of hosts
// and of who deploys may differ by minutes.
func ofOurs(ours []*Past, e kamal.AuditEntry, version string) bool {
	const skew = 5 * time.Minute
	for _, p := range ours {
		if p.Version == version && e.At.After(p.Began.Add(-skew)) && e.At.Before(p.Ended.Add(skew)) {
			return true
		}
	}
	return false
}

func kamalRun(runs []*Past, e kamal.AuditEntry, command, version string) *Past {
	for _, p := range runs {
		if p.Command == command && p.Version == version && p.By == e.Performer && e.At.After(p.Began.Add(-kamalGap)) && e.At.Before(p.Ended.Add(kamalGap)) {
			return p
		}
	}
	return nil
}

// rolledOut tells that a run was to bring its version to the hosts.
func (p *Past) rolledOut() bool {
	return slices.Contains([]string{"deploy", "redeploy", "rollback", "setup", "boot"}, p.Command)
}

// neverLive are the versions of which each run that was to bring them to the hosts
// has failed: their containers are there, but nobody was served by them.
func neverLive(runs []*Past) []string {
	failed, other := map[string]bool{}, map[string]bool{}
	for _, p := range runs {
		switch {
		case !p.rolledOut():
		case p.Result == "failed" || p.Result == "cancelled":
			failed[p.Version] = true
		default:
			other[p.Version] = true
		}
	}
	var out []string
	for v := range failed {
		if !other[v] {
			out = append(out, v)
		}
	}
	return out
}

// wentLive is when a version last went live for sure, else when it last may have:
// a run that was cut off may have come that far. Of Kamal's runs only that they
// booted it is known.
func wentLive(runs []*Past, version string) time.Time {
	var sure, perhaps time.Time
	for _, p := range runs {
		switch {
		case p.Version != version || !p.rolledOut() || p.Result == "failed" || p.Result == "cancelled":
		case (p.Result == "ok" || p.Tool == "kamal") && p.Began.After(sure):
			sure = p.Began
		case p.Began.After(perhaps):
			perhaps = p.Began
		}
	}
	if sure.IsZero() {
		return perhaps
	}
	return sure
}

// migratesSince gives the migrates that ran after a version last went live, the
// oldest first; all of other versions when no run of it is remembered.
func migratesSince(runs []*Past, version string) []Migrated {
	since := wentLive(runs, version)
	var out []Migrated
	for _, p := range runs {
		for _, m := range p.Migrates {
			if m.At.After(since) && m.Version != version {
				out = append(out, m)
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].At.Before(out[j].At) })
	return out
}
