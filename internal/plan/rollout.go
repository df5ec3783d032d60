package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// Options is what the user asked for.
type Options struct {
	Command   string // "deploy", "redeploy", "rollback", "boot"
	Version   string
	Run       string // the run's id; names with random parts derive from it
	Migrate   bool   // a migrate before the swap (the guidebook's flow)
	Quiet     bool   // quiet workers at pre-deploy
	UserHooks map[string]bool
	SkipHooks bool
	Proxy     bool // make sure that the proxy runs
	Prune     bool
	Pages     bool // error pages lie ready to be sent
	// Restart starts the stopped containers of the version as they are, with the
	// env that is in them, where a rollback would make new ones.
	Restart bool
	// IfChanged plans nothing on a fleet that is as it would be made.
	IfChanged bool
	// EnvHashes gives, as "host/role", the SHA-256 of the env file to be; for
	// IfChanged.
	EnvHashes map[string]string
	// Env gives, as "host/role" and key, the keyed hashes of the variables to be;
	// nil = not compared. An empty hash is a value that the host decides.
	Env map[string]map[string]string
	// Accessories boots all accessories before the app, as a set-up does.
	Accessories bool
}

// Input is everything that a plan is a function of.
type Input struct {
	Config    *config.Config
	Selection *config.Selection
	State     State
	Options   Options
}

// Rollout plans what happens on the hosts between taking the lock and freeing it.
func Rollout(in Input) (Plan, error) {
	cut, err := groups(in.Selection.AppHosts, in.Config.Boot.Limit, len(in.Config.AllHosts()))
	if err != nil {
		return Plan{}, err
	}
	b := &builder{in: in, words: newWords(in)}
	b.plan = Plan{Command: in.Options.Command, Version: in.Options.Version}
	if in.Options.IfChanged && b.unchanged() {
		b.plan.Notes = []string{"no change: every host serves this version, made as it would be made now"}
		return b.plan, nil
	}
	b.plan.Steps = nil
	b.before()
	for i, hosts := range cut {
		b.group(i, hosts)
	}
	b.after()
	b.notes(cut)
	return b.plan, nil
}

// builder collects steps. gate is what every next step of the critical path
// needs.
type builder struct {
	in       Input
	words    words
	plan     Plan
	gate     []string
	deferred bool // the migrate waits for the first boot
	opened   []string
	served   []string // the steps after which the new containers do the work
	tail     []string // what tidying up waits for: it goes beside the stopping of the old
}

func (b *builder) add(s Step) string {
	if s.Undo == "" {
		s.Undo = "none"
	}
	if s.Needs == nil {
		s.Needs = append([]string(nil), b.gate...)
	}
	b.plan.Steps = append(b.plan.Steps, s)
	return s.ID
}

// before plans what precedes the first container: migrate, quiet, pre-deploy,
// proxy, and what has to lie on the hosts.
func (b *builder) before() {
	b.migrate()
	b.quiet()
	b.hook("pre-deploy", "pre-deploy", b.in.Selection.Hosts)
	var ready []string
	if b.in.Options.Proxy {
		ready = append(ready, b.proxies()...)
	}
	for _, host := range b.in.Selection.AppHosts {
		if id, ok := b.prepare(host); ok {
			ready = append(ready, id)
		}
	}
	if len(ready) > 0 {
		b.gate = ready
	}
	if b.in.Options.Accessories {
		for _, a := range b.in.Config.Accessories {
			b.accessory("boot", a)
		}
	}
}

func (b *builder) hook(id, name string, hosts []string) {
	if b.in.Options.SkipHooks || !b.in.Options.UserHooks[name] {
		return
	}
	b.gate = []string{b.add(Step{
		ID: id, Kind: Hook, Effect: Lasting,
		Title: fmt.Sprintf("run the hook %s", name),
		Hook:  &UserHook{Name: name, Hosts: hosts},
	})}
}

func (b *builder) migrate() {
	m := b.in.Config.Extension.Migrate
	if !b.in.Options.Migrate || m == nil {
		return
	}
	host := b.migrateHost(m.Role)
	if host == "" {
		b.plan.Notes = append(b.plan.Notes, "no migrate: its role "+m.Role+" is not selected")
		return
	}
	if b.in.State.Host(host).EnvFiles[m.Role] == nil && m.FirstDeploy != "before-boot" {
		b.deferred = true
		return
	}
	b.gate = []string{b.add(b.migrateStep(m, host, "before the swap"))}
}

func (b *builder) migrateStep(m *config.Migrate, host, when string) Step {
	name := b.words.exec(m.Role, Nonce(b.in.Options.Run, 6, "migrate"))
	return Step{
		ID: host + "/migrate", Kind: Migrate, Host: host, Role: m.Role, Effect: Lasting,
		Title:   fmt.Sprintf("migrate %s, once: %s in %s", when, m.Cmd, name),
		Migrate: &OneOff{Role: m.Role, Version: b.in.Options.Version, Cmd: m.Cmd, Name: name},
	}
}

// migrateHost is the first selected host of the migrate role.
func (b *builder) migrateHost(role string) string {
	for _, r := range b.in.Selection.Roles {
		if r.Name != role {
			continue
		}
		for _, h := range r.Hosts {
			if slices.Contains(b.in.Selection.AppHosts, h.Name) {
				return h.Name
			}
		}
	}
	return ""
}

func (b *builder) quiet() {
	q := b.in.Config.Extension.Quiet
	if q == nil || !b.in.Options.Quiet || b.in.Options.SkipHooks {
		return
	}
	var ids []string
	for _, host := range b.in.Selection.AppHosts {
		var workers []Ref
		for _, role := range b.in.Selection.RolesOn(host) {
			if old := b.words.serving(host, role); old != nil && slices.Contains(q.Roles, role.Name) {
				workers = append(workers, b.words.ref(role, *old))
			}
		}
		if len(workers) == 0 {
			continue
		}
		ids = append(ids, b.add(Step{
			ID: host + "/quiet", Kind: Quiet, Host: host, Effect: Write, Undo: "resume the workers",
			Title: fmt.Sprintf("quiet %s (%s to PID 1, at most %s)", names(workers), q.Signal, q.Max),
			Quiet: &Workers{Containers: workers, Signal: q.Signal, MaxSeconds: int(q.Max.Seconds())},
		}))
	}
	if len(ids) > 0 {
		b.gate = ids
	}
}

func (b *builder) proxies() []string {
	var ids []string
	for _, host := range b.in.Selection.ProxyHosts {
		st := b.in.State.Host(host)
		up := &ProxyUp{Network: !st.Network, Run: !st.Proxy.Exists, Start: st.Proxy.Exists && !st.Proxy.Running}
		if !up.Network && !up.Run && !up.Start {
			continue
		}
		title := "start kamal-proxy"
		if up.Run {
			title = "run kamal-proxy"
		}
		ids = append(ids, b.add(Step{
			ID: host + "/proxy", Kind: Proxy, Host: host, Effect: Lasting, Title: title, Proxy: up,
		}))
	}
	for _, host := range b.in.Selection.Hosts {
		if !slices.Contains(b.in.Selection.ProxyHosts, host) && !b.in.State.Host(host).Network {
			ids = append(ids, b.add(Step{
				ID: host + "/network", Kind: Proxy, Host: host, Effect: Lasting,
				Title: "create the network kamal", Proxy: &ProxyUp{Network: true},
			}))
		}
	}
	return ids
}

func names(refs []Ref) string {
	var list []string
	for _, r := range refs {
		list = append(list, r.Name)
	}
	return strings.Join(list, ", ")
}
