package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/load"
)

type demo struct {
	out, err io.Writer
	binary   string
	rate     int

	lab     *lab.Lab
	project *lab.Project
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

func (d *demo) run(ctx context.Context) error {
	d.say("== a host to deploy to ==")
	l, err := lab.Up(ctx, lab.Options{Name: "demo", Log: func(s string) { fmt.Fprintln(d.err, "[lab]", s) }})
	if err != nil {
		return err
	}
	d.lab = l
	if err := d.build(ctx); err != nil {
		return err
	}
	if err := d.openProject(ctx); err != nil {
		return err
	}
	if a, err := d.host().HTTP(ctx, "", "/up"); err == nil && a.Status == http.StatusOK {
		return d.roll(ctx)
	}
	return d.first(ctx)
}

func (d *demo) host() *lab.Host { return d.lab.Hosts[0] }
func (d *demo) address() string { return "http://" + d.host().IP + "/" }

// build makes bin/hwdeploy, unless a program was named.
func (d *demo) build(ctx context.Context) error {
	if d.binary != "" {
		path, err := filepath.Abs(d.binary)
		d.binary = path
		return err
	}
	root := filepath.Dir(filepath.Dir(d.lab.Dir))
	d.binary = filepath.Join(root, "bin", "hwdeploy")
	d.say("== building %s ==", d.binary)
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "grpcnotrace", "-trimpath", "-ldflags", "-s -w", "-o", d.binary, "./cmd/hwdeploy")
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = root, d.err, d.err, append(os.Environ(), "CGO_ENABLED=0")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build hwdeploy: %w", err)
	}
	return nil
}

func (d *demo) openProject(ctx context.Context) (err error) {
	dir := filepath.Join(d.lab.Dir, "project")
	if _, statErr := os.Stat(filepath.Join(dir, ".git")); statErr == nil {
		d.project, err = lab.OpenProject(dir, d.lab, lab.ProjectOptions{})
		return err
	}
	d.project, err = lab.WriteProject(ctx, dir, d.lab, lab.ProjectOptions{})
	return err
}

// first deploys to the empty host.
func (d *demo) first(ctx context.Context) error {
	if changed, err := d.project.Changed(ctx); err != nil || changed {
		if _, err := d.project.Commit(ctx, "Changes made by hand"); err != nil {
			return err
		}
	}
	if err := d.deploy(ctx); err != nil {
		return err
	}
	revision, err := d.serves(ctx)
	if err != nil {
		return err
	}
	d.next(revision)
	return nil
}

// roll brings a new version out under load.
func (d *demo) roll(ctx context.Context) error {
	if err := d.change(ctx); err != nil {
		return err
	}
	d.say("== %d requests a second to %s, until the new version serves ==", d.rate, d.address())
	stream, err := load.Start(ctx, load.Options{URL: d.address(), Rate: d.rate})
	if err != nil {
		return err
	}
	d.wait(ctx, time.Second)
	deployErr := d.deploy(ctx)
	d.wait(ctx, 2*time.Second)
	report := stream.Stop()
	d.say("\n%s", report)
	if deployErr != nil {
		return deployErr
	}
	revision, err := d.serves(ctx)
	if err != nil {
		return err
	}
	d.say("%d of %d requests failed while %d versions served", report.Failed, report.Requests, len(report.Versions))
	if report.Failed > 0 {
		return fmt.Errorf("%d requests failed during the roll-out", report.Failed)
	}
	d.next(revision)
	return nil
}

// change commits what was edited by hand, or edits the message itself.
func (d *demo) change(ctx context.Context) error {
	changed, err := d.project.Changed(ctx)
	if err != nil {
		return err
	}
	message := "Changes made by hand"
	if !changed {
		message = "Say the time of day"
		if err := d.project.Write("app/message.txt", "Hello from the lab, it is "+time.Now().Format("15:04:05")+".\n"); err != nil {
			return err
		}
	}
	_, err = d.project.Commit(ctx, message)
	return err
}

func (d *demo) wait(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// deploy runs the program as a person would, in the project's folder. Ctrl-C
// reaches it as an interrupt, and it has a minute to undo and unlock.
func (d *demo) deploy(ctx context.Context) error {
	d.say("\n== in %s: hwdeploy %s --yes ==", d.project.Dir, d.project.Destination)
	cmd := exec.CommandContext(ctx, d.binary, d.project.Destination, "--yes")
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.project.Dir, d.out, d.err
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, time.Minute
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("hwdeploy ended with exit status %d", exit.ExitCode())
	}
	return err
}

// serves checks that the address answers with the revision that was deployed.
func (d *demo) serves(ctx context.Context) (string, error) {
	want, err := d.project.Revision(ctx)
	if err != nil {
		return "", err
	}
	a, err := d.host().HTTP(ctx, "", "/version")
	if err != nil {
		return "", err
	}
	if got := strings.TrimSpace(a.Body); a.Status != http.StatusOK || got != want {
		return "", fmt.Errorf("%s answers %d with revision %q, not %s", d.address(), a.Status, got, want)
	}
	return want, nil
}

func (d *demo) next(revision string) {
	d.say(`
%[1]s serves revision %[2]s

What to try next:
  curl %[1]s                       what the application says
  edit %[3]s/app/message.txt
  make demo                                    a new version under load
  cd %[3]s
  %[4]s app versions -d %[5]s
  %[4]s rollback VERSION -d %[5]s
  ssh -F %[6]s %[7]s docker ps
Stop it:
  make lab-down`, d.address(), revision, d.project.Dir, d.binary, d.project.Destination, d.lab.SSHConfig, d.host().Name)
}
