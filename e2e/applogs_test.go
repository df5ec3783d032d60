package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

const chatterRate = 1000 // lines a second and container

// chatty is two roles on three hosts that log fast. Docker cuts a log of 10 MB
// off, and what nobody has read yet with it: the limit is out of the way.
func chatty(t *testing.T) *world {
	t.Helper()
	all := []string{"lab-1", "lab-2", "lab-3"}
	w := begin(t, lab.ProjectOptions{
		Roles:   []lab.Role{{Name: "web", Hosts: all}, {Name: "sidekiq", Hosts: all, Cmd: "bundle exec sidekiq"}},
		Env:     map[string]string{"CHATTER": fmt.Sprint(chatterRate)},
		Overlay: "logging: {options: {max-size: 200m}}\n",
	})
	w.ship("v1")
	return w
}

// Six logs of a thousand lines a second each arrive whole, each in its order, and
// following costs no memory. The long form is `make soak`.
//
// proves: app logs --follow, app logs --since
func TestFollowingSixLogs(t *testing.T) { follow(chatty(t), 5*time.Second) }

// follow reads the merged logs for a while, then ends with Ctrl-C.
func follow(w *world, d time.Duration) {
	w.Helper()
	for _, h := range theLab.Hosts { // long enough that --since leaves something out
		w.eventually(time.Minute, "three seconds of lines", func() bool {
			n := 0
			_, err := fmt.Sscanf(w.on(h.Name, "docker logs --tail 1 shop-sidekiq-lab-v1"), "chatter %d", &n)
			return err == nil && n > 3*chatterRate
		})
	}
	p := w.stream("app", "logs", "--follow", "--since", "1s", "-T", "-d", "lab")
	seen := map[string]*span{}
	var first, memory int
	begin := time.Time{}
	for p.lines.Scan() {
		if begin.IsZero() {
			begin = time.Now()
		}
		source, n, ok := chatterLine(p.lines.Text())
		if !ok {
			continue
		}
		r := seen[source]
		if r == nil {
			r = &span{first: n, last: n - 1}
			seen[source] = r
		}
		if n != r.last+1 {
			w.Fatalf("%s: after line %d comes %d", source, r.last, n)
		}
		r.last = n
		if since := time.Since(begin); since > d {
			break
		} else if since > d/5 && first == 0 {
			first = p.memory()
		}
	}
	memory = p.memory()
	w.wantCode(p.interrupt(), 130)
	if len(seen) != 6 {
		w.Errorf("%d logs were followed", len(seen))
	}
	for source, r := range seen {
		if got, want := r.last-r.first, int(d.Seconds())*chatterRate/2; got < want {
			w.Errorf("%s: %d lines in %s", source, got, d)
		}
		if r.first == 1 {
			w.Errorf("%s: --since 1s was not honoured", source)
		}
	}
	w.Logf("%d kB after a fifth of the time, %d kB at the end", first, memory)
	if memory > first+16<<10 || memory > 128<<10 {
		w.Errorf("memory grew from %d to %d kB", first, memory)
	}
}

type span struct{ first, last int }

// chatterLine takes "lab-1 web     | chatter 17" apart.
func chatterLine(line string) (source string, n int, ok bool) {
	source, text, found := strings.Cut(line, "|")
	if _, err := fmt.Sscanf(text, " chatter %d", &n); err != nil || !found {
		return "", 0, false
	}
	return strings.TrimSpace(source), n, true
}

// stream is a run whose output is read line by line as it comes.
type stream struct {
	w     *world
	cmd   *exec.Cmd
	lines *bufio.Scanner
	rest  io.Reader
	errs  *syncBuffer
}

func (w *world) stream(args ...string) *stream {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), binary, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	errs := &syncBuffer{}
	cmd.Stderr = errs
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		w.Fatal(err)
	}
	return &stream{w: w, cmd: cmd, lines: bufio.NewScanner(out), rest: out, errs: errs}
}

// memory is what the process holds, in kB.
func (p *stream) memory() (kb int) {
	p.w.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.w.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmRSS:")
	if _, err := fmt.Sscan(after, &kb); err != nil {
		p.w.Fatal(err)
	}
	return kb
}

// interrupt is Ctrl-C.
func (p *stream) interrupt() outcome {
	p.w.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.w.Fatal(err)
	}
	for p.lines.Scan() { // what was under way
		continue
	}
	p.cmd.Wait() //nolint:errcheck // the code tells
	return outcome{code: p.cmd.ProcessState.ExitCode(), out: p.errs.String()}
}

// Logs by host, filtered by the host's grep, as data, and of a named container.
//
// proves: app logs, app logs --lines, app logs --since, app logs --grep --grep-options, app logs --skip-timestamps, app logs --container-id, app logs --follow --grep
func TestAppLogs(t *testing.T) {
	w := fleet(t)
	o := w.must("app", "logs", "-d", "lab")
	w.contains(o, "App Host: lab-1", "App Host: lab-3", "web v1: listening", "sidekiq v1: fetching")
	o = w.must("app", "logs", "-r", "web", "--hosts", "lab-1", "-n", "1", "-T", "-d", "lab")
	if lines := strings.Split(strings.TrimSpace(o.out), "\n"); len(lines) != 2 || lines[0] != "App Host: lab-1" {
		t.Errorf("one line: %q", o.out)
	}
	w.contains(w.must("app", "logs", "--since", "10m", "-r", "web", "-d", "lab"), "listening")
	if o := w.must("app", "logs", "--since", "2036-01-02T03:04:05Z", "-r", "web", "-d", "lab"); strings.Contains(o.out, "listening") {
		t.Errorf("lines from before --since:\n%s", o.out)
	}
	o = w.must("app", "logs", "-g", "LISTENING", "--grep-options", "-i", "-d", "lab")
	w.contains(o, "listening", "App Host: lab-3\nNothing found")

	type line struct{ Host, Role, Time, Line string }
	o = w.must("app", "logs", "-r", "sidekiq", "-g", "fetching", "--json", "-d", "lab")
	hosts := map[string]bool{}
	for text := range strings.Lines(o.out) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil || l.Role != "sidekiq" || !strings.Contains(l.Line, "fetching") {
			t.Errorf("%v: %q", err, text)
		}
		if _, err := time.Parse(time.RFC3339Nano, l.Time); err != nil {
			t.Error(err)
		}
		hosts[l.Host] = true
	}
	if len(hosts) != 2 {
		t.Errorf("lines of %d hosts:\n%s", len(hosts), o.out)
	}

	p := w.stream("app", "logs", "-f", "-g", "marker", "-d", "lab")
	for _, h := range []string{"lab-1", "lab-2"} { // written to the log of a container that runs
		w.eventually(time.Minute, "the log is followed", func() bool {
			return w.on(h, "pgrep -fc '[d]ocker logs .*--follow'; true") != "0"
		})
		w.on(h, "docker exec shop-web-lab-v1 sh -c 'echo marker of "+h+" > /proc/1/fd/1'")
	}
	got := map[string]bool{}
	for len(got) < 2 && p.lines.Scan() {
		host, text, _ := strings.Cut(p.lines.Text(), " web     | ")
		if !strings.HasSuffix(text, "marker of "+host) {
			t.Errorf("followed: %q", p.lines.Text())
		}
		got[host] = true
	}
	w.wantCode(p.interrupt(), 130)
	w.ship("v2")
	id := w.on("lab-1", "docker ps -aqf name=shop-web-lab-v1")
	o = w.must("app", "logs", "--container-id", id, "--hosts", "lab-1", "-d", "lab")
	w.contains(o, "web v1: stopping")
	w.must("app", "stop", "-d", "lab")
	w.wantCode(w.hwdeploy("app", "logs", "-d", "lab"), 1) // Kamal: "Nothing found", exit 0
}
