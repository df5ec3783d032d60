package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// deliver brings the image of a version onto every app host, without a lock and
// without touching a container: build and push (unless they are skipped), then
// pull by digest where it is missing. A rollback pulls only where the version is
// missing, and otherwise does not contact the registry.
func (e *Engine) deliver(ctx context.Context, r Request, known *plan.State) error {
	if r.Command == "rollback" || r.Command == "boot" {
		return nil
	}
	var made image.Made
	if r.SkipPush {
		return e.Pull(ctx, r.Version, made, known)
	}
	made, err := e.build(ctx, r)
	if err != nil {
		return err
	}
	if made.Note == "" {
		known = nil // the builder may be one of the hosts
	}
	return e.Pull(ctx, r.Version, made, known)
}

// build runs pre-build, then builds and pushes on the builder.
func (e *Engine) build(ctx context.Context, r Request) (image.Made, error) {
	var made image.Made
	if err := e.phase(ctx, "login", "log in to the registry", func(ctx context.Context) (string, error) {
		if e.Config.Registry.LocalAddress() != "" {
			return "", e.Builder.StartRegistry(ctx)
		}
		return "", e.Registry.Login(ctx)
	}); err != nil {
		return made, untouched(err)
	}
	if err := e.hook(ctx, r, "pre-build", e.Selection.Hosts, nil); err != nil {
		return made, err
	}
	step := string(plan.Build)
	err := e.phase(ctx, step, "build and push "+e.image(r.Version), func(ctx context.Context) (_ string, err error) {
		made, err = e.Builder.Make(ctx, image.Options{Version: r.Version, NoCache: r.NoCache, Force: r.Build, Emit: e.emitAs(step)})
		return strings.TrimSpace(made.Digest + "  " + made.Note), err
	})
	return made, untouched(err)
}

// Pull brings the version onto every app host that lacks it, by digest. Without
// made it is what the version's tag stands for; then an image without the service
// label is refused: Kamal and prune would never find it again. known is what the
// hosts showed, nil = ask them.
func (e *Engine) Pull(ctx context.Context, version string, made image.Made, known *plan.State) error {
	made, err := e.resolved(ctx, version, made)
	if err != nil {
		return err
	}
	var lacking []string
	for _, name := range e.Selection.AppHosts {
		if known == nil || !has(known.Host(name).Images, made.Digest, e.image(version)) {
			lacking = append(lacking, name)
			continue
		}
		e.already(name, string(plan.Pull), "pull "+e.image(version), "already there")
	}
	if err := e.fits(ctx, lacking, e.image(version), made.Platforms); err != nil {
		return err
	}
	return e.pullOnto(ctx, lacking, version, made.Digest)
}

// resolved is made, or without it what the version's tag stands for.
func (e *Engine) resolved(ctx context.Context, version string, made image.Made) (image.Made, error) {
	if made.Digest != "" {
		return made, nil
	}
	err := e.phase(ctx, "resolve", "resolve "+e.image(version), func(ctx context.Context) (_ string, err error) {
		var label string
		made, label, err = e.Registry.Look(ctx, version)
		if err == nil && label != e.Config.Service {
			err = &LabelError{Image: e.image(version), Label: label, Service: e.Config.Service}
		}
		return made.Digest, err
	})
	return made, err
}

// pullOnto pulls on hosts at once; where mirrors stand between, one host per
// mirror first, so that it fetches once.
func (e *Engine) pullOnto(ctx context.Context, hosts []string, version, digest string) error {
	pull := func(names []string) error {
		return e.each(ctx, names, func(ctx context.Context, h Host) error {
			return e.hostPhase(ctx, h, string(plan.Pull), "pull "+e.image(version), func(ctx context.Context) (string, error) {
				return digest, e.pullOn(ctx, h, version, digest)
			})
		})
	}
	first, rest, err := e.seeds(ctx, hosts)
	if err != nil {
		return err
	}
	if err := pull(first); err != nil {
		return untouched(err)
	}
	return untouched(pull(rest))
}

// has tells whether an image of that digest carries that tag.
func has(images []plan.Image, digest, tag string) bool {
	for _, i := range images {
		if slices.Contains(i.Digests, digest) && slices.Contains(i.Tags, tag) {
			return true
		}
	}
	return false
}

// pullOn pulls by digest, so that what was built is what runs, and tags it as
// Kamal names it.
func (e *Engine) pullOn(ctx context.Context, h Host, version, digest string) error {
	by := e.Config.Repository() + "@" + digest
	if address := e.Config.Registry.LocalAddress(); address != "" {
		stop, err := image.Forward(ctx, h.ListenTCP, address)
		if err != nil {
			return err
		}
		defer stop()
	}
	err := h.Docker().Pull(ctx, by, docker.PullOptions{
		Auth: e.Registry.Auth(),
		Progress: func(t docker.Transfer) {
			e.Sink.Emit(event.Event{Type: event.StepProgress, Step: string(plan.Pull), Host: h.Name(),
				Progress: &event.Progress{Text: t.Status, Current: t.Current, Total: t.Total}})
		},
	})
	if err != nil {
		return err
	}
	return h.Docker().Tag(ctx, by, e.image(version))
}

// audit appends a line to Kamal's audit log of a host.
func (e *Engine) audit(ctx context.Context, h Host, role, message string) error {
	_, err := h.Run(ctx, run.Cmd{Name: "write the audit log", Line: e.auditLine(role, message)})
	return err
}

func (e *Engine) auditLine(role, message string) string {
	return e.app().Audit(e.auditEntry(role, message))
}

func (e *Engine) auditText(role, message string) string {
	return e.app().AuditText(e.auditEntry(role, message))
}

func (e *Engine) auditEntry(role, message string) kamal.AuditEntry {
	return kamal.AuditEntry{At: e.Now(), Performer: e.Person.Performer, Role: role, Message: message}
}

// phase runs something on this machine as a step of the stream.
func (e *Engine) phase(ctx context.Context, id, title string, f func(context.Context) (string, error)) error {
	return e.step(ctx, id, "", title, f)
}

// already tells of a step that had nothing to do.
func (e *Engine) already(host, id, title, detail string) {
	id += "/" + host
	e.Sink.Emit(event.Event{Type: event.StepStarted, Step: id, Host: host, Started: &event.Step{Title: title}})
	e.Sink.Emit(event.Event{Type: event.StepDone, Step: id, Host: host, Done: &event.Done{Status: event.Succeeded, Detail: detail}})
}

func (e *Engine) hostPhase(ctx context.Context, h Host, id, title string, f func(context.Context) (string, error)) error {
	return e.step(ctx, id+"/"+h.Name(), h.Name(), title, f)
}

func (e *Engine) step(ctx context.Context, id, host, title string, f func(context.Context) (string, error)) error {
	begin := e.Now()
	e.Sink.Emit(event.Event{Type: event.StepStarted, Step: id, Host: host, Started: &event.Step{Title: title}})
	detail, err := f(ctx)
	done := &event.Done{Status: event.Succeeded, Detail: detail, Seconds: e.Now().Sub(begin).Seconds()}
	if err != nil {
		done.Status, done.Error = event.Failed, err.Error()
	}
	e.Sink.Emit(event.Event{Type: event.StepDone, Step: id, Host: host, Done: done})
	return err
}
