package sshexec

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// token marks the line by which a command says who it is. It only has to differ
// from what programs print.
const token = "hwdeploy-process "

// wrapped is the line with its introduction; see the package comment.
func (s *Session) wrapped() string {
	return "sh -c 'echo " + token + "$PPID >&2'; " + s.line
}

// pidFilter takes the introduction out of stderr. Whatever a login script prints
// before it stays.
type pidFilter struct {
	token []byte
	to    io.Writer
	found func(pid int)
	held  []byte // may hold the introduction, or its beginning
	done  bool
}

// Write implements io.Writer.
func (f *pidFilter) Write(p []byte) (int, error) {
	if f.done {
		return f.to.Write(p)
	}
	f.held = append(f.held, p...)
	i := bytes.Index(f.held, f.token)
	if i < 0 {
		return len(p), f.pass(len(f.held) - overlap(f.held, f.token))
	}
	end := bytes.IndexByte(f.held[i:], '\n')
	if end < 0 {
		return len(p), f.pass(i)
	}
	f.done = true
	if pid, err := strconv.Atoi(strings.TrimSpace(string(f.held[i+len(f.token) : i+end]))); err == nil && pid > 1 {
		f.found(pid)
	}
	f.held = append(f.held[:i:i], f.held[i+end+1:]...)
	return len(p), f.pass(len(f.held))
}

// pass hands the first n held bytes on.
func (f *pidFilter) pass(n int) error {
	if n == 0 {
		return nil
	}
	out := f.held[:n]
	f.held = append([]byte(nil), f.held[n:]...)
	_, err := f.to.Write(out)
	return err
}

func (f *pidFilter) flush() {
	// The writer's error has no one left to go to: the stream is over.
	if err := f.pass(len(f.held)); err != nil {
		return
	}
}

// overlap is how many bytes at the end of b begin token.
func overlap(b, token []byte) int {
	for n := min(len(b), len(token)-1); n > 0; n-- {
		if bytes.HasSuffix(b, token[:n]) {
			return n
		}
	}
	return 0
}

// end ends the command: politely, by force after the grace, and closes the
// channel. It returns when the command is gone or the time is over.
func (s *Session) end(ctx context.Context) {
	defer s.close()
	select {
	case <-s.ended:
		return
	default:
		s.wasEnded.Store(true)
	}
	grace := s.c.d.opts.Grace
	// sshd serves this only for logins other than root; it costs nothing.
	if _, err := s.ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"TERM"})); err != nil {
		return // the channel is closed: it has ended
	}
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-s.ended:
		return
	case <-s.c.lost:
		return
	case <-t.C:
		return // it never said who it is: a login shell that hangs, or none at all
	case <-s.named:
		s.c.kill.group(ctx, s.pid)
	}
	s.wait(grace)
}

// killer ends process groups on the host, those of one moment with one command.
type killer struct {
	c       *Client
	mu      sync.Mutex
	pending []int
	batch   chan struct{} // closed when the pending ones are dealt with
	busy    bool
}

// group ends one process group and returns when it is gone, or beyond help.
func (k *killer) group(ctx context.Context, pid int) {
	k.mu.Lock()
	k.pending = append(k.pending, pid)
	if k.batch == nil {
		k.batch = make(chan struct{})
	}
	mine := k.batch
	lead := !k.busy
	k.busy = true
	k.mu.Unlock()
	if lead {
		k.work(ctx)
	}
	<-mine
}

// work deals with batches until there is none.
func (k *killer) work(ctx context.Context) {
	for {
		k.mu.Lock()
		pids, done := k.pending, k.batch
		k.pending, k.batch = nil, nil
		if len(pids) == 0 {
			k.busy = false
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
		if err := k.run(ctx, pids); err != nil && k.c.lostNow() == nil {
			k.c.d.opts.Warn(fmt.Sprintf("%s: processes %v may still run: %v", k.c.t.alias, pids, err))
		}
		close(done)
	}
}

// killScript gets the groups as arguments: TERM, then KILL for what is left after
// about N tenths of a second. A sleep without fractions waits whole seconds.
const killScript = `for p; do kill -s TERM -- "-$p" 2>/dev/null; done
n=0
while [ $n -lt %d ]; do
  alive=
  for p; do kill -s 0 -- "-$p" 2>/dev/null && alive=1; done
  [ "$alive" ] || exit 0
  sleep 0.1 2>/dev/null || { sleep 1; n=$((n+9)); }
  n=$((n+1))
done
for p; do kill -s KILL -- "-$p" 2>/dev/null; done
exit 0`

// run ends the groups through a session of this connection, or of a second one
// where this has none left: all may be held by what is to be ended.
func (k *killer) run(ctx context.Context, pids []int) error {
	ctx, cancel := context.WithTimeout(ctx, k.c.killTime())
	defer cancel()
	c := k.c
	if c.pool.full() {
		var err error
		if c, err = k.c.sibling(ctx); err != nil {
			return err
		}
	}
	words := []string{"sh", "-c", fmt.Sprintf(killScript, max(1, k.c.d.opts.Grace.Milliseconds()/100)), "sh"}
	for _, p := range pids {
		words = append(words, strconv.Itoa(p))
	}
	return c.plain(ctx, run.QuoteAll(words...))
}

// killTime bounds the whole of a cancelling.
func (c *Client) killTime() time.Duration { return 2*c.d.opts.Grace + 5*time.Second }

// plain runs a line of ours without introduction and without cancelling it: only
// its end matters.
func (c *Client) plain(ctx context.Context, line string) error {
	sl, err := c.pool.acquire(ctx)
	if err != nil {
		return err
	}
	s := c.newSession(run.Cmd{Name: "kill", Line: line}, sl)
	go s.readStderr(s.tail)
	s.cause = func() error { return context.Cause(ctx) }
	s.stopKill = context.AfterFunc(ctx, func() {
		defer close(s.killed)
		s.close()
	})
	if ok, err := s.ch.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{line})); err != nil || !ok {
		return s.notStarted(ctx, err)
	}
	if _, err := io.Copy(io.Discard, s.ch); err != nil {
		return err
	}
	return s.Wait()
}
