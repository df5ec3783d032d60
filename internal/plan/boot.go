package plan

import (
	"fmt"
	"slices"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// prepare plans what must lie on a host before any container is created there.
func (b *builder) prepare(host string) (string, bool) {
	p := &Assets{ErrorPages: b.in.Options.Pages}
	for _, role := range b.in.Selection.RolesOn(host) {
		if !role.Proxied {
			continue
		}
		if role.AssetPath != "" {
			p.Roles = append(p.Roles, RoleAssets{Role: role.Name, Old: b.oldVersion(host, role)})
		}
		if role.Proxy.CertificatePEM != "" && role.Proxy.PrivateKeyPEM != "" {
			p.TLSRoles = append(p.TLSRoles, role.Name)
		}
	}
	if !p.ErrorPages && len(p.Roles) == 0 && len(p.TLSRoles) == 0 {
		return "", false
	}
	needs := slices.Clone(b.gate)
	if up, ok := b.plan.Find(host + "/proxy"); ok && len(p.TLSRoles) > 0 {
		needs = append(needs, up.ID) // whose user the certificate is for
	}
	return b.add(Step{
		ID: host + "/prepare", Kind: Prepare, Host: host, Effect: Write, Needs: needs,
		Title: "prepare" + prepareWords(p), Prepare: p,
		Undo: "none needed: the folders are the new version's own",
	}), true
}

func prepareWords(p *Assets) string {
	text := ""
	for _, r := range p.Roles {
		text += " assets of " + r.Role
		if r.Old != "" {
			text += " (bridged with " + r.Old + ")"
		}
	}
	if p.ErrorPages {
		text += " error pages"
	}
	for _, r := range p.TLSRoles {
		text += " certificate of " + r
	}
	return text
}

// oldVersion is the version whose assets the container that serves has mounted.
func (b *builder) oldVersion(host string, role *config.Role) string {
	if old := b.words.serving(host, role); old != nil {
		return kamal.Original(b.words.ref(role, *old).Version)
	}
	return ""
}

// group plans one boot group: its hosts together, the roles of a host in order
// (the primary role first) unless boot.parallel_roles is set. Roles other than
// the primary wait for the first healthy container of the primary role.
func (b *builder) group(i int, hosts []string) {
	suffix := ""
	if b.in.Config.Boot.Limit != "" {
		suffix = fmt.Sprintf("/%d", i+1)
	}
	b.hook("pre-app-boot"+suffix, "pre-app-boot", hosts)
	var done []string
	for _, host := range hosts {
		if b.isPrimaryHost(host) {
			b.opened = append(b.opened, host+"/"+b.in.Selection.PrimaryRole+"/switch")
		}
	}
	for _, host := range hosts {
		previous := ""
		for _, role := range b.in.Selection.RolesOn(host) {
			last, served := b.boot(host, role, previous)
			done = append(done, last...)
			if !b.in.Config.Boot.ParallelRoles {
				previous = served
			}
		}
	}
	b.gate, b.tail = done, b.served
	last := len(b.plan.Steps)
	b.hook("post-app-boot"+suffix, "post-app-boot", hosts)
	if b.in.Config.Boot.Wait > 0 {
		b.gate = []string{b.add(Step{
			ID: "wait" + suffix, Kind: Wait, Effect: Read, Seconds: b.in.Config.Boot.Wait,
			Title: fmt.Sprintf("wait %d s (boot.wait)", b.in.Config.Boot.Wait),
		})}
	}
	if len(b.plan.Steps) > last {
		b.tail = b.gate
	}
}

// boot plans one role on one host. It gives the steps after which the role is
// done there, and the one after which it serves.
func (b *builder) boot(host string, role *config.Role, previous string) (done []string, served string) {
	boot := b.describe(host, role)
	at := host + "/" + role.Name
	first := Step{
		ID: at + "/create", Kind: Create, Host: host, Role: role.Name, Effect: Write, Boot: boot,
		Title: createTitle(boot), Undo: "stop the new container", Why: createWhy(boot),
	}
	if boot.Existing != "" {
		first.ID, first.Kind = at+"/start", Start
		first.Title, first.Undo = "start the stopped "+boot.Container+" as it is", "stop it again"
	}
	first.Needs = append([]string(nil), b.gate...)
	if previous != "" {
		first.Needs = append(first.Needs, previous)
	}
	if role.Name != b.in.Selection.PrimaryRole && len(b.opened) > 0 {
		first.AnyOf = append([]string(nil), b.opened...)
	}
	served = b.serve(at, host, role, boot, b.add(first))
	b.served = append(b.served, served)
	if boot.Old == nil {
		return []string{served}, served
	}
	stop := b.add(Step{
		ID: at + "/stop-old", Kind: StopOld, Host: host, Role: role.Name, Effect: Write, Boot: boot,
		Needs: []string{served}, Title: "stop " + boot.Old.Name, Undo: "start it again",
	})
	return []string{stop}, served
}

// serve plans the step after which the new container, once started, does the work.
func (b *builder) serve(at, host string, role *config.Role, boot *Boot, started string) string {
	s := Step{Host: host, Role: role.Name, Boot: boot, Needs: []string{started}}
	if boot.Service != "" {
		s.ID, s.Kind, s.Effect = at+"/switch", Switch, Write
		s.Title = fmt.Sprintf("kamal-proxy deploy %s, healthy within %d s, verified", boot.Service, b.in.Config.DeployTimeout)
		s.Undo = "none: nothing served before"
		if boot.OldTarget != "" {
			s.Undo = "point the proxy back to " + boot.OldTarget
		}
		return b.add(s)
	}
	s.ID, s.Kind, s.Effect, s.Undo = at+"/ready", Ready, Read, "none needed"
	if role.Name == b.in.Selection.PrimaryRole {
		s.ID = at + "/switch" // the latch of other roles waits for this id
	}
	s.Title = fmt.Sprintf("%s is ready within %d s", boot.Container, b.in.Config.DeployTimeout)
	return b.add(s)
}

func (b *builder) describe(host string, role *config.Role) *Boot {
	w := b.words
	boot := &Boot{
		Role: role.Name, Version: b.in.Options.Version, Container: w.container(role.Name),
		EnvPath: w.envPath(role.Name), Line: w.createLine(host, role), LineHash: w.lineHash(host, role),
		StopTimeout: resolve.StopTimeout(b.in.Config, role),
	}
	st := b.in.State.Host(host)
	clash := st.named(boot.Container)
	if b.in.Options.Restart && clash != nil {
		boot.Existing = clash.ID
	} else if clash != nil {
		to := b.in.Options.Version + "_replaced_" + Nonce(b.in.Options.Run, 16, "replaced", host, role.Name)
		boot.Rename = &Rename{ID: clash.ID, From: b.in.Options.Version, To: to}
	}
	if old := w.serving(host, role); old != nil {
		ref := w.ref(role, *old)
		if boot.Rename != nil && boot.Rename.ID == ref.ID {
			ref.Version, ref.Name = boot.Rename.To, w.prefix(role.Name)+"-"+boot.Rename.To
		}
		boot.Old = &ref
	}
	boot.Digests = b.digests(host, boot.Old)
	boot.Env = b.envChange(host, role.Name, boot.Old)
	if role.Proxied {
		boot.Service, boot.Port = w.prefix(role.Name), role.Proxy.AppPort
		boot.OldTarget = st.Proxy.Services[boot.Service]
	}
	return boot
}

func createTitle(boot *Boot) string {
	text := boot.Line + ", and start it"
	if boot.Rename != nil {
		text = fmt.Sprintf("rename the container of %s to %s; %s", boot.Rename.From, boot.Rename.To, text)
	}
	return text
}

func createWhy(boot *Boot) string {
	if boot.Old == nil {
		return "nothing serves yet"
	}
	return "replaces " + boot.Old.Name
}

func (b *builder) isPrimaryHost(host string) bool {
	isPrimary := func(r *config.Role) bool { return r.Name == b.in.Selection.PrimaryRole }
	return slices.ContainsFunc(b.in.Selection.RolesOn(host), isPrimary)
}
