package deploy

import (
	"context"
	"fmt"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// ServerExec runs a line on every selected host itself.
func (e *Engine) ServerExec(ctx context.Context, line string) ([]Said, error) {
	return e.askOn(ctx, e.Selection.Hosts, run.Cmd{Name: "server exec"}, func(host string) string {
		return e.auditLine("", fmt.Sprintf("Executed cmd '%s' on %s", line, host)) + " && " + line
	})
}

// ServerInteractive is the host that an interactive command runs on: the primary.
func (e *Engine) ServerInteractive(ctx context.Context) (Host, error) { return e.primary(ctx) }
