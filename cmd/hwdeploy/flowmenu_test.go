package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// person answers with what they were told to, and notes what was offered.
type person struct {
	answers []string
	offered []ui.Option
}

func (p *person) ChooseMany(_ context.Context, q ui.Question) ([]string, error) {
	p.offered = q.Options
	return p.answers, nil
}
func (p *person) Choose(context.Context, ui.Question) (string, error) { return p.answers[0], nil }
func (p *person) Confirm(context.Context, ui.Question) (bool, error)  { return false, nil }

func edgeConfig(purge string) *config.Config {
	return &config.Config{Extension: config.Extension{Edge: &config.Edge{
		Worker: "w.toml", Redirects: &config.Redirects{}, Purge: purge,
	}}}
}

func TestTheMenuOffersWhatIsConfigured(t *testing.T) {
	for _, c := range []struct {
		name    string
		cfg     *config.Config
		flags   flowFlags
		answers []string
		offered []string // what is ticked has a * behind it
		want    deploy.Extras
	}{
		{
			name: "production", cfg: edgeConfig("none"), answers: []string{boxWorker, boxPurge},
			offered: []string{boxWorker, boxRedirects, boxPurge, boxNoPurge}, want: deploy.Extras{Worker: true, Everything: true},
		},
		{
			name: "the whole zone anyhow", cfg: edgeConfig("everything"), answers: []string{boxNoPurge},
			offered: []string{boxWorker, boxRedirects, boxNoPurge}, want: deploy.Extras{NoPurge: true},
		},
		{
			name: "flags are ticked and can be unticked", cfg: edgeConfig("none"), flags: flowFlags{extras: deploy.Extras{Worker: true, Redirects: true}},
			answers: []string{boxRedirects}, offered: []string{boxWorker + "*", boxRedirects + "*", boxPurge, boxNoPurge}, want: deploy.Extras{Redirects: true},
		},
		{name: "nothing to offer", cfg: &config.Config{}},
		{name: "-y", cfg: edgeConfig("none"), flags: flowFlags{yes: true, extras: deploy.Extras{Worker: true}}, want: deploy.Extras{Worker: true}},
		{name: "--non-interactive", cfg: edgeConfig("none"), flags: flowFlags{nonInteractive: true}},
		{name: "as data", cfg: edgeConfig("none"), flags: flowFlags{rolloutFlags: rolloutFlags{globals: globals{output: "json"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &person{answers: c.answers}
			if err := (&app{asker: p}).menu(t.Context(), &c.flags, c.cfg); err != nil {
				t.Fatal(err)
			}
			var offered []string
			for _, o := range p.offered {
				if o.Selected {
					o.Value += "*"
				}
				offered = append(offered, o.Value)
			}
			if !reflect.DeepEqual(offered, c.offered) || c.flags.extras != c.want {
				t.Errorf("offered %v, asks for %+v", offered, c.flags.extras)
			}
		})
	}
}

// terminalRun is this program with a person at its terminal.
type terminalRun struct {
	*testing.T
	cmd    *exec.Cmd
	screen *os.File
	text   strings.Builder
}

func onTerminal(t *testing.T, dir string, args ...string) *terminalRun {
	t.Helper()
	return onTerminalOf(t, &pty.Winsize{Rows: 24, Cols: 80}, dir, args...)
}

func onTerminalOf(t *testing.T, size *pty.Winsize, dir string, args ...string) *terminalRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r := &terminalRun{T: t, cmd: exec.CommandContext(ctx, "hwdeploy", args...)}
	r.cmd.Dir, r.cmd.Env = dir, []string{"TERM=xterm", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	screen, err := pty.StartWithSize(r.cmd, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	r.screen = screen
	return r
}

// types waits until the screen shows text, then presses keys.
func (r *terminalRun) types(text, keys string) {
	r.Helper()
	begin := r.text.Len()
	for buf := make([]byte, 4096); !strings.Contains(r.text.String()[begin:], text); {
		n, err := r.screen.Read(buf)
		r.text.Write(buf[:n])
		if err != nil {
			r.Fatalf("it ended before it showed %q:\n%s", text, r.text.String())
		}
	}
	if _, err := r.screen.WriteString(keys); err != nil {
		r.Fatal(err)
	}
}

// ends waits for the program's end and gives its exit code and all it showed.
func (r *terminalRun) ends() (int, string) {
	r.Helper()
	for buf := make([]byte, 4096); ; {
		n, err := r.screen.Read(buf)
		r.text.Write(buf[:n])
		if err != nil {
			break
		}
	}
	var exit *exec.ExitError
	if err := r.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		r.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode(), r.text.String()
}

// On a terminal the destination is asked for, then what else to do.
func TestMenusOnATerminal(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("config/deploy.yml", "service: shop\nimage: acme/shop\nservers: [127.0.0.1]\nregistry: {username: bob, password: [P]}\nbuilder: {arch: amd64}\n"+
		"x-hwdeploy: {edge: {token: T, zone: z, worker: {config: w.toml}}}\n")
	write("config/deploy.staging.yml", "x-hwdeploy: {edge: {purge: everything}}\n")
	write(".kamal/secrets", "P=p\nT=t\n")

	const down, space, enter, ctrlC = "\x1b[B", " ", "\r", "\x03"
	r := onTerminal(t, dir)
	r.types("staging", down+enter)
	r.types("purge nothing", ctrlC)
	if code, text := r.ends(); code != 130 || strings.Contains(text, "purge the whole zone") {
		t.Errorf("Ctrl-C in staging's menu: exit %d\n%s", code, text)
	}
	r = onTerminal(t, dir, "production", "-e")
	r.types("purge nothing", down+space+down+space+enter)
	if code, text := r.ends(); code != 2 || !strings.Contains(text, "exclude each other") {
		t.Errorf("two boxes that exclude each other: exit %d\n%s", code, text)
	}
	r = onTerminal(t, dir, "--allow-dirty")
	r.types("production", ctrlC)
	if code, text := r.ends(); code != 130 || !strings.Contains(text, "left without an answer\r\n") {
		t.Errorf("Ctrl-C at the destinations: exit %d\n%s", code, text)
	}
	r = onTerminal(t, dir, "production", "-y")
	if code, text := r.ends(); code != 1 || strings.Contains(text, "What else?") || !strings.Contains(text, "no git repository") {
		t.Errorf("-y: exit %d\n%s", code, text)
	}
}

// A terminal that says it has no size (serial lines, some containers) would show
// nothing of a question.
func TestNobodyIsAskedWithoutASize(t *testing.T) {
	p := newProject(t, map[string]string{
		"config/deploy.yml": "service: shop\nimage: acme/shop\nservers: [127.0.0.1]\nregistry: {username: bob, password: p}\nbuilder: {arch: amd64}\n",
	})
	r := onTerminalOf(t, &pty.Winsize{}, p.dir, "remove")
	if code, text := r.ends(); code != 2 || !strings.Contains(text, "there is no terminal to answer on: -y is yes") {
		t.Errorf("exit %d\n%s", code, text)
	}
}
