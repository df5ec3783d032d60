package deploy

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// memory is what a host remembers.
type memory struct {
	journal, audit string
	alive          string // id of the run whose guard lives; empty = none
}

// The guard of a living run holds a file lock, which the kernel lists by inode.
const aliveLine = `i=$(stat -c %%i %[1]s/guard 2>/dev/null) && grep -q ":$i " /proc/locks && echo "@alive $(cat %[1]s/owner 2>/dev/null)"`

// rememberLine prints a host's journal and audit log, read only.
func (e *Engine) rememberLine() string {
	return fmt.Sprintf(aliveLine, run.Quote(e.app().GuardDir())) + fmt.Sprintf("; tail -n 5000 %s 2>/dev/null | sed 's/^/@journal /'; tail -n 5000 %s 2>/dev/null | sed 's/^/@audit /'; true",
		run.Quote(e.journal()), run.Quote(e.app().AuditLog()))
}

func readMemory(text string) memory {
	var m memory
	var journal, audit strings.Builder
	for l := range strings.Lines(text) {
		name, rest, _ := strings.Cut(l, " ")
		switch name {
		case "@alive":
			m.alive = strings.TrimSpace(rest)
		case "@journal":
			journal.WriteString(rest)
		case "@audit":
			audit.WriteString(rest)
		}
	}
	m.journal, m.audit = journal.String(), audit.String()
	return m
}

// remembered asks hosts, at the same time, what they remember.
func (e *Engine) remembered(ctx context.Context, hosts []string) (map[string]memory, error) {
	out := map[string]memory{}
	var mu sync.Mutex
	err := e.each(ctx, hosts, func(ctx context.Context, h Host) error {
		res, err := h.Run(ctx, run.Cmd{Name: "read the journal", Line: e.rememberLine()})
		mu.Lock()
		defer mu.Unlock()
		out[h.Name()] = readMemory(res.Stdout)
		return err
	})
	return out, err
}

// past puts what hosts remember together, the newest run first.
func (e *Engine) past(memories map[string]memory) []*Past {
	journals, audits, alive := map[string]string{}, map[string]string{}, map[string]string{}
	for host, m := range memories {
		journals[host], audits[host], alive[host] = m.journal, m.audit, m.alive
	}
	runs := readJournals(journals, alive)
	cmd := ""
	if m := e.Config.Extension.Migrate; m != nil {
		cmd = m.Cmd
	}
	runs = append(runs, kamalRuns(e.app(), cmd, audits, runs)...)
	newestFirst(runs)
	return runs
}

// History tells which runs the hosts remember, the newest first: those of their
// journals, and Kamal's by their audit logs. It changes nothing.
func (e *Engine) History(ctx context.Context) ([]*Past, error) {
	if err := e.connect(ctx, e.lockHosts()); err != nil {
		return nil, err
	}
	memories, err := e.remembered(ctx, e.lockHosts())
	if err != nil {
		return nil, err
	}
	return e.past(memories), nil
}

// sayMigrates notes, before a rollback, which migrates ran since the version was
// live: the database stays as they left it.
func (e *Engine) sayMigrates(ctx context.Context, version string, note func(host, text string)) {
	if e.Config.Extension.Migrate == nil {
		return
	}
	memories, err := e.remembered(ctx, e.Selection.AppHosts)
	if err != nil {
		e.warn("", "which migrates ran since "+version+" is not known: "+err.Error(), "")
		return
	}
	since := migratesSince(e.past(memories), version)
	if len(since) == 0 {
		note("", "no migrate is noted since "+version)
		return
	}
	var list []string
	for _, m := range since {
		list = append(list, fmt.Sprintf("%s (%s)", m.Version, m.At.UTC().Format("2006-01-02 15:04")))
	}
	note("", fmt.Sprintf("migrates since %s, which stay: %s", version, strings.Join(list, ", ")))
}
