package deploy

import (
	"context"
	"fmt"
	"sort"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// hook runs a hook of the user's when it exists, as a step of the stream.
func (e *Engine) hook(ctx context.Context, r Request, name string, hosts []string, extra map[string]string) error {
	if r.SkipHooks || !e.Hooks.Exists(name) {
		return nil
	}
	return e.phase(ctx, name, "run the hook "+name, func(ctx context.Context) (string, error) {
		return "", e.runHook(ctx, r, name, name, hosts, extra)
	})
}

// PreConnect runs the hook pre-connect, which comes before the first question to
// any host. A deploy and a rollback do it by themselves.
func (e *Engine) PreConnect(ctx context.Context, version string, skipHooks bool) error {
	return e.hook(ctx, Request{Version: version, SkipHooks: skipHooks}, "pre-connect", e.Selection.Hosts, nil)
}

// runHook runs a hook whose output belongs to a step.
func (e *Engine) runHook(ctx context.Context, r Request, step, name string, hosts []string, extra map[string]string) error {
	env := e.hookEnv(r, name, hosts, extra)
	var secrets []NamedSecret
	if kamal.HookGetsSecrets(name) {
		var err error
		if secrets, err = e.Secrets.All(ctx); err != nil {
			return fmt.Errorf("secrets for the hook %s: %w", name, err)
		}
	}
	folded := e.Config.HooksOutput.For(name) != "verbose"
	return e.Hooks.Run(ctx, name, env, secrets, func(stream, text string) {
		e.Sink.Emit(event.Event{Type: event.StepOutput, Step: step, Output: &event.Output{Stream: stream, Text: text, Folded: folded}})
	})
}

func (e *Engine) hookEnv(r Request, name string, hosts []string, extra map[string]string) []string {
	values := kamal.HookEnv(kamal.HookInfo{
		At: e.Now(), Performer: e.Person.Performer, Service: e.Config.Service, Destination: e.Config.Destination,
		Version: r.Version, Hosts: hosts, Roles: e.Env.Roles, Locked: e.LockHeld || r.Locked || kamal.HookUnderLock(name),
		Command: e.Env.Command, Subcommand: e.Env.Subcommand,
	})
	for k, v := range extra {
		values = append(values, k+"="+v)
	}
	sort.Strings(values)
	return values
}
