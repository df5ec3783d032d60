//go:build engine

package docker_test

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/docker"
)

func TestLifecycle(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	name := "hwdeploy-test-" + random(t)
	id := w.running(name)

	list, err := w.List(ctx, docker.ListOptions{Labels: []string{w.label, "destination="}, Names: []string{"^" + name + "$"}})
	if err != nil || len(list) != 1 {
		t.Fatalf("list: %v, %v", list, err)
	}
	c := list[0]
	if c.ID != id || c.Name != name || c.Image != w.image || c.State != "running" || !c.Running() {
		t.Errorf("container = %+v", c)
	}
	if c.Networks["bridge"] == "" {
		t.Errorf("no address: %v", c.Networks)
	}
	if none, err := w.List(ctx, docker.ListOptions{Labels: []string{w.label, "destination=x"}}); err != nil || len(none) != 0 {
		t.Errorf("another destination: %v, %v", none, err)
	}

	d, err := w.Inspect(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if !d.State.Running || time.Since(d.State.StartedAt) > time.Minute || d.Name != name || d.State.Health != nil {
		t.Errorf("details = %+v", d)
	}

	if err := w.Rename(ctx, id, name+"-old"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the program listens for the signal", func() bool {
		var out strings.Builder
		return w.Logs(ctx, id, docker.LogOptions{}, &out, nil) == nil && strings.Contains(out.String(), "ready")
	})
	minute := 60
	if err := w.Stop(ctx, name+"-old", &minute); err != nil {
		t.Fatal(err)
	}
	if err := w.Stop(ctx, id, nil); err != nil {
		t.Errorf("a second stop: %v", err)
	}
	if code, err := w.Wait(ctx, id); code != 0 || err != nil {
		t.Errorf("wait = %d, %v", code, err)
	}
	if d, err := w.Inspect(ctx, id); err != nil || d.State.Status != "exited" || d.State.ExitCode != 0 {
		t.Errorf("after stop: %+v, %v", d.State, err)
	}
	if err := w.Remove(ctx, id, docker.RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Inspect(ctx, id); !docker.IsNotFound(err) {
		t.Errorf("after removal: %v", err)
	}
}

func TestErrorsKeepTheirClass(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a := "hwdeploy-test-" + random(t)
	id := w.running(a)
	stopped := w.create("", "serve")

	for _, tc := range []struct {
		name string
		err  error
		is   func(error) bool
		says string
	}{
		{"start of nothing", w.Start(ctx, "hwdeploy-none"), docker.IsNotFound, "start container hwdeploy-none on here: No such container: hwdeploy-none"},
		{"name taken", w.Rename(ctx, stopped, a), docker.IsConflict, "rename container"},
		{"remove a running one", w.Remove(ctx, id, docker.RemoveOptions{}), docker.IsConflict, "remove container"},
		{"exec in a stopped one", second(w.Exec(ctx, stopped, docker.ExecOptions{Argv: []string{"/probe", "echo"}})), docker.IsConflict, "run /probe in container"},
		{"exec in nothing", second(w.Exec(ctx, "hwdeploy-none", docker.ExecOptions{Argv: []string{"/probe"}})), docker.IsNotFound, "No such container"},
		{"tag of nothing", w.Tag(ctx, "hwdeploy-test/none:x", "hwdeploy-test/none:y"), docker.IsNotFound, "tag image"},
		{"image in use", second(w.RemoveImage(ctx, w.image)), docker.IsConflict, "remove image " + w.image},
		{"no such path", second(w.CopyFrom(ctx, id, "/nowhere")), docker.IsNotFound, "copy /nowhere"},
	} {
		if !tc.is(tc.err) || !strings.Contains(tc.err.Error(), tc.says) {
			t.Errorf("%s: %v (not found %v, conflict %v)", tc.name, tc.err, docker.IsNotFound(tc.err), docker.IsConflict(tc.err))
		}
	}
}

func second[A any](_ A, err error) error { return err }

func TestExec(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.running("")
	big := bytes.Repeat([]byte("0123456789abcdef"), 20_000)

	for _, tc := range []struct {
		name     string
		o        docker.ExecOptions
		code     int
		out, err string
	}{
		{"code and stderr", docker.ExecOptions{Argv: []string{"/probe", "exit", "7", "broke"}}, 7, "", "broke\n"},
		{"stdout", docker.ExecOptions{Argv: []string{"/probe", "echo", "a b"}}, 0, "a b\n", ""},
		{"stdin", docker.ExecOptions{Argv: []string{"/probe", "cat"}, Stdin: bytes.NewReader(big)}, 0, string(big), ""},
		{"stdin not read", docker.ExecOptions{Argv: []string{"/probe", "echo", "x"}, Stdin: bytes.NewReader(big)}, 0, "x\n", ""},
		{"environment", docker.ExecOptions{Argv: []string{"/probe", "getenv", "EXTRA"}, Env: []string{"EXTRA=1"}}, 0, "1\n", ""},
		{"slow", docker.ExecOptions{Argv: []string{"/probe", "sleep", "700"}}, 0, "slept\n", ""},
	} {
		var out, errs bytes.Buffer
		tc.o.Stdout, tc.o.Stderr = &out, &errs
		code, err := w.Exec(ctx, id, tc.o)
		if err != nil || code != tc.code || out.String() != tc.out || errs.String() != tc.err {
			t.Errorf("%s: code %d, err %v, %d bytes out, stderr %q", tc.name, code, err, out.Len(), errs.String())
		}
	}

	var out bytes.Buffer
	code, err := w.Exec(ctx, id, docker.ExecOptions{Argv: []string{"/missing"}, Stdout: &out})
	if err != nil || (code != 126 && code != 127) || out.Len() == 0 {
		t.Errorf("missing program: %d, %v, %q", code, err, out.String())
	}
}

func TestExecGivesUpWithItsContext(t *testing.T) {
	w := newWorld(t)
	id := w.running("")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := w.Exec(ctx, id, docker.ExecOptions{Argv: []string{"/probe", "sleep", "20000"}})
	if err == nil || !strings.Contains(err.Error(), "may still run") || time.Since(begin) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

func TestExecDetachedSurvives(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.running("")
	if err := w.ExecDetached(ctx, id, docker.ExecOptions{Argv: []string{"/probe", "write", "/mark", "left"}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mark is there", func() bool {
		var out bytes.Buffer
		code, err := w.Exec(ctx, id, docker.ExecOptions{Argv: []string{"/probe", "file", "/mark"}, Stdout: &out})
		return err == nil && code == 0 && out.String() == "left"
	})
}

func TestLogs(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.running("")
	eventually(t, "both streams are logged", func() bool {
		var out, errs bytes.Buffer
		err := w.Logs(ctx, id, docker.LogOptions{}, &out, &errs)
		return err == nil && out.String() == "out: ready\n" && errs.String() == "err: ready\n"
	})

	r, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := w.Logs(ctx, id, docker.LogOptions{Follow: true, Timestamps: true}, pw, nil)
		pw.CloseWithError(err)
		done <- err
	}()
	two := 2
	if err := w.Stop(ctx, id, &two); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil || <-done != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[1], "Z out: bye") {
		t.Errorf("followed: %q", lines)
	}

	var tail bytes.Buffer
	if err := w.Logs(ctx, id, docker.LogOptions{Tail: 1}, &tail, nil); err != nil || tail.String() != "out: bye\n" {
		t.Errorf("tail = %q, %v", tail.String(), err)
	}
}

func TestFollowedLogsEndWithTheContext(t *testing.T) {
	w := newWorld(t)
	id := w.running("")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := w.Logs(ctx, id, docker.LogOptions{Follow: true}, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestCopyFromAContainerThatNeverRan(t *testing.T) {
	w := newWorld(t)
	id := w.create("", "serve")
	r, err := w.CopyFrom(t.Context(), id, "/data")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	found := map[string]string{}
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		found[h.Name] = string(b)
	}
	if found["data/a.txt"] != "alpha" || found["data/sub/b.txt"] != "beta" {
		t.Errorf("found %v", found)
	}
	if err := w.Stat(t.Context(), id, "/data/a.txt"); err != nil {
		t.Error(err)
	}
	if err := w.Stat(t.Context(), id, "/data/none.txt"); !docker.IsNotFound(err) {
		t.Error(err)
	}
}

func TestExecConn(t *testing.T) {
	w := newWorld(t)
	id := w.running("")
	conn, err := w.ExecConn(t.Context(), id, docker.ExecOptions{Argv: []string{"/probe", "cat"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	big := bytes.Repeat([]byte("0123456789abcdef"), 50_000)
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(big)
		if half, ok := conn.(interface{ CloseWrite() error }); err == nil && ok {
			err = half.CloseWrite()
		}
		sent <- err
	}()
	got, err := io.ReadAll(conn)
	if serr := <-sent; err != nil || serr != nil || !bytes.Equal(got, big) {
		t.Errorf("%d bytes back, %v, %v", len(got), err, serr)
	}

	conn, err = w.ExecConn(t.Context(), id, docker.ExecOptions{Argv: []string{"/probe", "exit", "1", "no daemon"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.ReadAll(conn); err == nil || err.Error() != "the command has ended: no daemon" {
		t.Errorf("%v", err)
	}
}
