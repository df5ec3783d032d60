package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// extension checks and builds x-hwdeploy.
func (l *loader) extension() {
	p := l.root.Pair(extensionKey)
	if p == nil {
		l.cfg.Extension = l.extensionOf(nil)
		return
	}
	if !p.Value.IsNull() {
		l.fields(extensionKey, place(*p), p.Value, extensionSpec())
	}
	l.cfg.Extension = l.extensionOf(mapOf(p.Value))
}

// isOff checks a map of keys some of which are needed; false switches it off.
func (l *loader) isOff(path string, at Pos, v Value, specs []spec) {
	if v.Kind == psych.Bool && !v.Bool {
		return
	}
	if v.Kind != psych.Map {
		l.say(at, path, "should be a hash, or false")
		return
	}
	l.fields(path, at, v, specs)
	for _, s := range specs {
		if s.checked && v.Get(s.key).Blank() {
			l.sayHint(at, under(path, s.key), "is required", s.doc)
		}
	}
}

func (l *loader) isWord(path string, at Pos, v Value, allowed []string) {
	if v.IsString() && !slices.Contains(allowed, v.Text()) {
		l.sayHint(at, path, "should be "+strings.Join(allowed, " or "), "")
	}
}

func (l *loader) isSpan(path string, at Pos, v Value) {
	d, err := time.ParseDuration(v.Text())
	l.is(err == nil && d >= time.Second, path, at, "should be a duration of at least 1s, such as 15m or 90s")
}

var secretName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// isSecret takes the name of a secret. What is none may be a value, and is not
// shown.
func (l *loader) isSecret(path string, at Pos, v Value) {
	if v.Kind != psych.String || !secretName.MatchString(v.Str) {
		l.hide(v)
		l.sayHint(at, path, "should be the name of a secret", "put the value into the secrets file and name it here")
	}
}

func (l *loader) extensionOf(n Value) Extension {
	return Extension{
		BaseDestination:  textOr(n.Get("base_destination"), "production"),
		KnownHosts:       n.Get("known_hosts").Text(),
		InsecureRegistry: n.Get("insecure_registry").Truthy(),
		OnePassword:      OnePassword{Account: n.Lookup("onepassword", "account").Text()},
		Gate: Gate{
			Branch:   textOr(n.Lookup("gate", "branch"), "master"),
			Worktree: textOr(n.Lookup("gate", "worktree"), "~/.heatwave-deploy"),
			Link:     words(n.Lookup("gate", "link")),
		},
		Migrate:      l.migrateOf(mapOf(n.Get("migrate"))),
		Quiet:        l.quietOf(mapOf(n.Get("quiet"))),
		Assets:       assetsOf(mapOf(n.Get("assets"))),
		Sourcemaps:   sourcemapsOf(mapOf(n.Get("sourcemaps"))),
		Edge:         edgeOf(mapOf(n.Get("edge"))),
		Push:         textOr(n.Get("push"), "auto"),
		BuilderImage: n.Get("builder_image").Text(),
	}
}

func (l *loader) migrateOf(n Value) *Migrate {
	if n == nil {
		return nil
	}
	m := &Migrate{
		Role:               n.Get("role").Text(),
		Cmd:                textOr(n.Get("cmd"), "bin/rails db:migrate"),
		FirstDeploy:        textOr(n.Get("first_deploy"), "after-boot"),
		BackwardCompatible: boolOrTrue(n.Get("backward_compatible")),
	}
	switch {
	case m.Role != "":
		l.knownRole(extensionKey+"/migrate/role", n.Get("role"))
	case l.cfg.role("sidekiq") != nil:
		m.Role = "sidekiq"
	default:
		m.Role = l.cfg.PrimaryRole
	}
	return m
}

func (l *loader) quietOf(n Value) *Quiet {
	if n == nil {
		return nil
	}
	for i, r := range items(n.Get("roles")) {
		l.knownRole(under(extensionKey+"/quiet/roles", i), r)
	}
	q := &Quiet{Roles: words(n.Get("roles")), Max: 15 * time.Minute}
	q.Signal = strings.TrimPrefix(strings.ToUpper(textOr(n.Get("signal"), "TSTP")), "SIG") // kill of Debian's sh knows no SIG
	if !signalName.MatchString(q.Signal) {
		l.say(n.Get("signal").Pos, extensionKey+"/quiet/signal", "should be the name of a signal such as TSTP")
	}
	if d, err := time.ParseDuration(n.Get("max").Text()); err == nil {
		q.Max = d
	}
	return q
}

var signalName = regexp.MustCompile(`^[A-Z0-9]+$`)

func (l *loader) knownRole(path string, n Value) {
	if l.cfg.role(n.Text()) == nil && !l.broken("servers") {
		l.sayHint(n.Pos, path, "unknown role "+n.Text(), l.roleHint())
	}
}

func assetsOf(n Value) *Assets {
	if n == nil {
		return nil
	}
	return &Assets{
		Paths: words(n.Get("paths")), Exclude: words(n.Get("exclude")),
		Bucket: n.Get("bucket").Text(), Endpoint: n.Get("endpoint").Text(), Prefix: n.Get("prefix").Text(),
		AccessKey: n.Get("access_key").Text(), SecretKey: n.Get("secret_key").Text(),
		OnFailure: textOr(n.Get("on_failure"), "abort"), When: textOr(n.Get("when"), "before-swap"),
	}
}

func sourcemapsOf(n Value) *Sourcemaps {
	if n == nil {
		return nil
	}
	return &Sourcemaps{Cmd: n.Get("cmd").Text(), Env: pairsOf(mapOf(n.Get("env"))), Secrets: words(n.Get("secrets"))}
}

func edgeOf(n Value) *Edge {
	if n == nil {
		return nil
	}
	e := &Edge{
		Token: n.Get("token").Text(), Zone: n.Get("zone").Text(), Purge: textOr(n.Get("purge"), "none"),
		PurgeQueue: textOr(n.Get("purge_queue"), "tmp/cloudflare_purge_urls.txt"),
		Worker:     n.Lookup("worker", "config").Text(),
	}
	if r := mapOf(n.Get("redirects")); r != nil {
		e.Redirects = &Redirects{Account: r.Get("account").Text(), List: r.Get("list").Text(), Files: oneOrMore(r.Get("files"))}
	}
	return e
}
