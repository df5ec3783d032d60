package config

import (
	"regexp"
	"slices"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

func (l *loader) boot() {
	n := l.get("boot")
	l.checkSection("boot", n, bootSpec())
	l.cfg.Boot = Boot{Limit: n.Get("limit").Text(), Wait: intOr(n.Get("wait"), 0), ParallelRoles: n.Get("parallel_roles").Truthy()}
	l.warnBoot(n.Get("limit"))
}

func (l *loader) logging() {
	n := l.get("logging")
	l.checkSection("logging", n, loggingSpec())
	l.cfg.Logging = loggingOf(n)
}

func loggingOf(n Value) Logging {
	return Logging{Driver: n.Get("driver").Text(), Options: pairsOf(mapOf(n.Get("options")))}
}

func (l *loader) output() {
	n := l.get("output")
	l.checkSection("output", n, outputSpec())
	l.cfg.Output = Output{FilePath: n.Lookup("file", "path").Text(), OTelEndpoint: n.Lookup("otel", "endpoint").Text()}
	for _, p := range entries(n) {
		if mapOf(p.Value) == nil {
			continue
		}
		switch {
		case p.Key.KeyText() == "file" && !p.Value.Get("path").Truthy():
			l.fail(Issue{Kind: ArgumentError, Pos: p.Key.Pos, Path: "output/file", Message: "file path is required"})
		case p.Key.KeyText() == "otel" && !p.Value.Get("endpoint").Truthy():
			l.fail(Issue{Kind: ArgumentError, Pos: p.Key.Pos, Path: "output/otel", Message: "OTel endpoint is required"})
		}
	}
}

func (l *loader) sshkit() {
	n := l.get("sshkit")
	l.checkSection("sshkit", n, sshkitSpec())
	l.cfg.SSHKit = SSHKit{
		MaxConcurrentStarts: intOr(n.Get("max_concurrent_starts"), 30),
		DNSRetries:          intOr(n.Get("dns_retries"), 3),
	}
}

var aliasName = regexp.MustCompile(`\A[a-z0-9_-]+\z`)

// builtins are Kamal's own commands, which an alias may not shadow.
func builtins() []string {
	return []string{"setup", "deploy", "redeploy", "rollback", "details", "audit", "config", "docs", "init", "remove",
		"upgrade", "version", "accessory", "app", "build", "lock", "proxy", "prune", "registry", "secrets", "server"}
}

func (l *loader) aliases() {
	n := l.get("aliases")
	for _, p := range entries(n) {
		name := p.Key.KeyText()
		path := under("aliases", name)
		switch {
		case p.Key.Kind != psych.String:
			l.own(p.Key.Pos, path, "the name of an alias must be text", "quote it")
		case !l.is(p.Value.IsString(), path, place(p), "should be a string"):
		case !aliasName.MatchString(name):
			l.say(p.Key.Pos, path, "Invalid alias name: '"+name+"'. Must only contain lowercase letters, alphanumeric, hyphens and underscores.")
		case slices.Contains(builtins(), name):
			l.say(p.Key.Pos, path, "Alias '"+name+"' conflicts with a built-in command.")
		}
	}
	l.cfg.Aliases = aliasesOf(n)
}

func aliasesOf(n Value) []Alias {
	var out []Alias
	for _, p := range entries(n) {
		out = append(out, Alias{Name: p.Key.KeyText(), Line: p.Value.Text()})
	}
	return out
}
