package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// minFreeKB is what docker needs at the least to pull and start anything.
const minFreeKB = 200 * 1024

// preflight refuses what would fail later: secrets that are missing, a proxy
// that is too old or cannot be told, error pages that are configured and not
// there, a bucket that can't be asked for, a full disk, a worker that cannot be
// told to be quiet. All problems at once. A worker that may be killed too early is
// only said.
func (e *Engine) preflight(ctx context.Context, observed *plan.State, r Request) error {
	e.shortStops()
	problems := e.missingSecrets(ctx, r)
	if r.Flow && e.Assets != nil {
		if _, err := e.Assets.Open(ctx); err != nil {
			problems = append(problems, err.Error())
		}
	}
	if err := e.lacksErrorPages(); err != nil {
		problems = append(problems, err.Error())
	}
	here := len(problems)
	for _, h := range observed.Hosts {
		if h.FreeKB > 0 && h.FreeKB < minFreeKB {
			problems = append(problems, fmt.Sprintf("%s: only %d MB of disk are free", h.Name, h.FreeKB/1024))
		}
		if h.Proxy.Exists && slices.Contains(e.Selection.ProxyHosts, h.Name) {
			if err := kamal.CheckProxyVersion(h.Proxy.Version); err != nil {
				problems = append(problems, h.Name+": "+err.Error())
			}
		}
		problems = append(problems, e.muteWorkers(h, r)...)
	}
	if len(problems) > 0 {
		return &PreflightError{Problems: problems, hosts: len(problems) > here}
	}
	return nil
}

func (e *Engine) muteWorkers(h plan.HostState, r Request) []string {
	if len(h.Mute) == 0 || r.SkipHooks {
		return nil
	}
	var out []string
	for _, c := range e.liveWorkers(h) {
		if slices.Contains(h.Mute, c.ID) {
			out = append(out, h.Name+": "+muteWorker(c).Error())
		}
	}
	return out
}

func (e *Engine) missingSecrets(ctx context.Context, r Request) []string {
	var out []string
	seen := map[string]bool{}
	want := func(name string, at config.Pos) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		_, err := e.Secrets.Lookup(ctx, name)
		switch {
		case err == nil:
		case at.Line > 0:
			out = append(out, fmt.Sprintf("%s: %v", at, err))
		default:
			out = append(out, err.Error())
		}
	}
	for _, role := range e.Selection.Roles {
		for _, h := range role.Hosts {
			_, refs := e.Config.EnvFor(role, h.Name)
			for _, r := range refs {
				want(r.Source, r.Pos)
			}
		}
		want(role.Proxy.CertificatePEM, config.Pos{})
		want(role.Proxy.PrivateKeyPEM, config.Pos{})
	}
	if s := e.Config.Extension.Sourcemaps; s != nil && r.Flow {
		for _, name := range s.Secrets {
			want(name, config.Pos{})
		}
	}
	return out
}

// PreflightError is what would have failed later; nothing was touched.
type PreflightError struct {
	Problems []string
	hosts    bool // some are of hosts, not of the configuration
}

func (e *PreflightError) Error() string { return strings.Join(e.Problems, "\n") }

// ExitCode is 3 when only the configuration is at fault, else 1.
func (e *PreflightError) ExitCode() int {
	if e.hosts {
		return 1
	}
	return 3
}
