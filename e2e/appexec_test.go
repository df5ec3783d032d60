package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A terminal is joined to a command in a container: keys and text pass, sizes
// follow, Ctrl-C goes to the command, and the exit code is the command's.
//
// proves: app exec --interactive, app exec --interactive --reuse, alias console
func TestInteractiveExec(t *testing.T) {
	w := fleet(t)
	overlay := "aliases: {console: app exec --interactive --reuse \"sh\"}\n"
	if err := w.project.Write("config/deploy.lab.yml", overlay); err != nil {
		t.Fatal(err)
	}
	c, keys := w.onTerminal("console", "-d", "lab")
	c.sees("# ", 1)
	typed(w, keys, "stty size\r")
	c.sees("24 100", 1)
	if err := pty.Setsize(keys, &pty.Winsize{Cols: 90, Rows: 25}); err != nil {
		t.Fatal(err)
	}
	w.eventually(time.Minute, "the new size", func() bool {
		typed(w, keys, "stty size\r")
		return strings.Contains(c.out.String(), "25 90")
	})
	typed(w, keys, "echo rea''dy; cat\r") // what is typed before cat runs would be the shell's
	c.sees("ready", 1)
	typed(w, keys, "naïve – grüße ✓\r")
	c.sees("naïve – grüße ✓", 2) // the echo, and what cat says
	prompts := strings.Count(c.out.String(), "/rails # ")
	typed(w, keys, "\x03") // ends cat, not the session, and drops what was typed ahead
	c.sees("/rails # ", prompts+1)
	typed(w, keys, "echo $((40 + 2))-$KAMAL_VERSION\r")
	c.sees("42-v1", 1)
	typed(w, keys, "exit 7\r")
	if code := c.wait().code; code != 7 {
		t.Errorf("exit %d, wanted that of the command\n%s", code, c.out)
	}

	// A new container, which is gone afterwards.
	c, keys = w.onTerminal("app", "exec", "-i", "-r", "sidekiq", "--version", "v1", "-e", "ONE:1", "-e", "TWO=2 2", "sh", "-d", "lab")
	c.sees("# ", 1)
	typed(w, keys, "echo ${ONE}and$TWO\r")
	c.sees("1and2 2", 1)
	typed(w, keys, "\x04")
	if code := c.wait().code; code != 0 {
		t.Errorf("exit %d\n%s", code, c.out)
	}
	for _, h := range []string{"lab-1", "lab-2"} {
		if out := w.on(h, "docker ps -a --format '{{.Names}}' | grep -e -exec-; true"); out != "" {
			t.Errorf("%s: left: %s", h, out)
		}
	}
}

func typed(w *world, keys *os.File, text string) {
	w.Helper()
	if _, err := keys.WriteString(text); err != nil {
		w.Fatalf("typing %q: %v", text, err)
	}
}

// Bytes go in and out as they are.
//
// proves: app exec --interactive (a pipe), app exec --raw
func TestExecPipesBytes(t *testing.T) {
	w := fleet(t)
	input := make([]byte, 3<<20)
	source := rand.NewChaCha8([32]byte{1})
	source.Read(input) //nolint:errcheck // never fails
	got, o := w.piped(input, "app", "exec", "-i", "--reuse", "-r", "web", "cat", "-d", "lab")
	if o.code != 0 || !bytes.Equal(got, input) {
		t.Errorf("exit %d, %d bytes came back of %d\n%s", o.code, len(got), len(input), o.out)
	}
	_, o = w.piped(input, "app", "exec", "-i", "-r", "web", "sha256sum > /dev/stderr; exit 5", "-d", "lab") // the rest runs on the host
	w.wantCode(o, 5, fmt.Sprintf("%x", sha256.Sum256(input)))

	want := w.on("lab-1", "docker exec shop-web-lab-v1 sha256sum /bin/busybox | cut -c1-64")
	for _, more := range [][]string{{"--reuse"}, nil} {
		got, o := w.piped(nil, append([]string{"app", "exec", "--raw", "-p", "-r", "web", "cat /bin/busybox", "-d", "lab"}, more...)...)
		if sum := fmt.Sprintf("%x", sha256.Sum256(got)); o.code != 0 || sum != want || o.out != "" {
			t.Errorf("%v: exit %d, %d bytes, stderr %q", more, o.code, len(got), o.out)
		}
	}
}

// Everywhere at once, in new containers or in those that serve.
//
// proves: app exec, app exec --primary --roles --hosts, app exec --reuse, app exec --version, app exec --detach, app exec --env, app exec --raw
func TestExecEverywhere(t *testing.T) {
	w := fleet(t)
	w.ship("v2")
	o := w.must("app", "exec", "cat /rails/REVISION", "-d", "lab")
	for _, host := range []string{"lab-1", "lab-2", "lab-3"} {
		w.contains(o, "App Host: "+host+"\nv2")
	}
	if n := strings.Count(o.out, "\nv2"); n != 4 {
		t.Errorf("%d answers of two roles on two hosts each:\n%s", n, o.out)
	}
	o = w.must("app", "exec", "--version", "v1", "--hosts", "lab-[12]", "-r", "w?b", "-e", "A=x y", "--raw", "sh -c 'cat /rails/REVISION; echo $A'", "-d", "lab")
	if o.out != "v1\nx y\nv1\nx y\n" {
		t.Errorf("raw, filtered: %q", o.out)
	}
	o = w.must("app", "exec", "--reuse", "-p", "-q", "sh -c 'echo in $KAMAL_CONTAINER_NAME' on $(hostname)", "-d", "lab")
	if o.out != "in shop-web-lab-v2\n\n" {
		t.Errorf("reuse: %q", o.out)
	}
	w.must("app", "exec", "--detach", "-r", "web", "--hosts", "lab-1", "sleep 600", "-d", "lab")
	if out := w.on("lab-1", "docker ps --format '{{.Names}}' | grep -c -e '^shop-web-lab-exec-latest-lab-[0-9a-f]\\{6\\}$'; true"); out != "1" {
		t.Errorf("%s detached containers", out)
	}
	o = w.hwdeploy("app", "exec", "--reuse", "-r", "web", "sh -c 'echo said; echo sorry >&2; exit 3'", "-d", "lab")
	w.wantCode(o, 1, "App Host: lab-1\nsaid", "sorry", "exit status 3")
	w.contains(w.must("audit", "-d", "lab", "--hosts", "lab-1"), "[lab] Executed cmd 'sleep 600' on app version latest-lab", "[lab] [web] Executed cmd")
	for text, args := range map[string][]string{
		"Detach is not compatible with interactive or reuse": {"--detach", "--reuse", "true"},
		"Raw is not compatible with interactive or detach":   {"--raw", "-i", "true"},
		"No command provided":                                {" "},
		"write KEY=VALUE":                                    {"-e", "nothing", "true"},
	} {
		w.wantCode(w.hwdeploy(append([]string{"app", "exec", "-d", "lab"}, args...)...), 2, text)
	}
	w.must("app", "stop", "-d", "lab")
	w.wantCode(w.hwdeploy("app", "exec", "--reuse", "-r", "web", "true", "-d", "lab"), 1, "web on lab-1: nothing serves")
}
