package deploy

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// AuditFact is one line of a host's audit log.
type AuditFact struct {
	Host      string `json:"host"`
	Time      string `json:"time,omitempty"`
	Performer string `json:"performer,omitempty"`
	// Destination and Role are told apart by the configuration's names.
	Destination string `json:"destination,omitempty"`
	Role        string `json:"role,omitempty"`
	Message     string `json:"message"`
	Line        string `json:"-"` // as it stands in the log
}

// Audit gives the last lines of every host's audit log as one log, the oldest
// first; lines of one second keep their order on a host.
func (e *Engine) Audit(ctx context.Context, lines int) ([]AuditFact, error) {
	said, err := e.Ask(ctx, Question{
		Name: "audit", Hosts: e.Selection.Hosts,
		// A host on which nothing was done yet has no log.
		Line: func(string) string {
			return fmt.Sprintf("if [ -e %[1]s ]; then tail -n %[2]d %[1]s; fi", e.app().AuditLog(), lines)
		},
	}, false)
	all := []AuditFact{}
	for _, s := range said {
		for line := range strings.Lines(s.Text) {
			all = append(all, e.auditFact(s.Host, strings.TrimRight(line, "\n")))
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Time < all[j].Time })
	return all, err
}

func (e *Engine) auditFact(host, line string) AuditFact {
	f := AuditFact{Host: host, Line: line}
	var tags []string
	f.Time, f.Performer, tags, f.Message, _ = kamal.SplitAudit(line)
	for _, tag := range tags {
		if tag == e.Config.Destination && f.Destination == "" {
			f.Destination = tag
		} else {
			f.Role = tag
		}
	}
	return f
}
