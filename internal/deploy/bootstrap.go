package deploy

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Bootstrap installs Docker on the selected hosts that lack it, then runs the
// hook docker-setup under the lock.
func (e *Engine) Bootstrap(ctx, hard context.Context, r Request) error {
	if err := e.PreConnect(ctx, r.Version, r.SkipHooks); err != nil {
		return err
	}
	if err := e.dockerEverywhere(ctx); err != nil {
		return err
	}
	return e.underLock(ctx, hard, r, func(ctx context.Context, _ *held) error {
		return e.hook(ctx, r, "docker-setup", e.Selection.Hosts, nil)
	})
}

// dockerEverywhere connects and installs Docker where it is missing. It comes
// before the lock: whoever joins the group docker needs a new login, and the end
// of the old one would end the guard.
func (e *Engine) dockerEverywhere(ctx context.Context) error {
	if err := e.connect(ctx, e.lockHosts()); err != nil {
		return untouched(err)
	}
	var mu sync.Mutex
	var closed, helpless []string
	err := e.each(ctx, e.lockHosts(), func(ctx context.Context, h Host) error {
		installed, err := e.ensureDocker(ctx, h)
		mu.Lock()
		defer mu.Unlock()
		var no *cannotInstall
		switch {
		case errors.As(err, &no):
			helpless = append(helpless, h.Name())
			return nil
		case installed:
			closed = append(closed, h.Name())
		}
		return err
	})
	if len(helpless) > 0 {
		sort.Strings(helpless)
		err = errors.Join(err, &NoDockerError{Hosts: helpless})
	}
	if err != nil {
		return err
	}
	for _, name := range closed { // a new login, to which the group and the engine are known
		err = errors.Join(err, e.hosts[name].Close())
		delete(e.hosts, name)
	}
	if err != nil {
		return err
	}
	return e.connect(ctx, closed)
}

// cannotInstall is a user who may not install programs.
type cannotInstall struct{ error }

// ensureDocker tells whether it had to install Docker.
func (e *Engine) ensureDocker(ctx context.Context, h Host) (installed bool, err error) {
	var exit *run.ExitError
	_, err = h.Run(ctx, run.Cmd{Name: "look for docker", Line: kamal.DockerVersionLine})
	if !errors.As(err, &exit) {
		return false, err // it is there, or the host did not answer
	}
	if _, err = h.Run(ctx, run.Cmd{Name: "ask whether docker can be installed", Line: kamal.MayInstallLine}); err != nil {
		if errors.As(err, &exit) {
			err = &cannotInstall{err}
		}
		return false, err
	}
	return true, e.hostPhase(ctx, h, "install-docker", "install docker", func(ctx context.Context) (string, error) {
		out := &run.Lines{Say: func(line string) {
			e.Sink.Emit(event.Event{Type: event.StepOutput, Step: "install-docker/" + h.Name(), Host: h.Name(), Output: &event.Output{Stream: "stdout", Text: line}})
		}}
		defer out.End()
		if _, err := h.Run(ctx, run.Cmd{Name: "install docker", Line: kamal.InstallDockerLine, Stdout: out, Stream: true}); err != nil {
			return "", err
		}
		// Kamal asks for each by itself; ending the session is our own reconnecting.
		join := "{ " + kamal.IsRootLine + "; } || { " + kamal.InDockerGroupLine + "; } || " + kamal.JoinDockerLine
		_, err := h.Run(ctx, run.Cmd{Name: "join the group docker", Line: join})
		return "", err
	})
}

// NoDockerError is a host without Docker on which the user may not install it.
type NoDockerError struct{ Hosts []string }

// Error has Kamal's words.
func (e *NoDockerError) Error() string {
	return fmt.Sprintf("Docker is not installed on %s and can't be automatically installed without having root access and either `wget` or `curl`", strings.Join(e.Hosts, ", "))
}

// ExitCode is 1.
func (e *NoDockerError) ExitCode() int { return 1 }

// Hints say what to try.
func (e *NoDockerError) Hints() []string {
	return []string{"install it by hand: https://docs.docker.com/engine/install/"}
}
