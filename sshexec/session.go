package sshexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Session is a command that is running on a host. Wait must be called once its
// Stdout has been read; it gives the session back.
type Session struct {
	// Stdin is the command's input; Close it to send end of file.
	Stdin io.WriteCloser
	// Stdout must be read to its end, or the command will block.
	Stdout io.Reader

	c          *Client
	name, line string
	ch         ssh.Channel
	tail       *tailBuffer // stderr, when nobody else takes it
	pid        int         // leader of the command's process group; valid after named
	named      chan struct{}

	ended    chan struct{} // closed when the channel is closed by the host
	status   exitStatus    // valid after ended
	stderr   chan struct{} // closed when stderr is read to its end
	stopKill func() bool
	killed   chan struct{} // closed when the cancelling is over
	wasEnded atomic.Bool   // by us, before it ended by itself
	cause    func() error  // why the context is done
	endNow   func()        // ends it for a caller without a context
	finish   sync.Once
	err      error
}

// exitStatus is what the host said about the end of a command.
type exitStatus struct {
	known  bool
	code   int
	signal string
}

// Start runs line and gives it back while it runs: for long-lived helpers.
// stderr is kept (its last 64 kB) for the error of Wait. When ctx is done the
// command and its process group are ended. Note that the login shell may stay
// its parent: begin the line with exec to prevent it.
func (c *Client) Start(ctx context.Context, line string) (*Session, error) {
	return c.start(ctx, run.Cmd{Line: line}, nil)
}

// start begins cmd; stderr takes its error output, nil = a tail is kept.
func (c *Client) start(ctx context.Context, cmd run.Cmd, stderr io.Writer) (*Session, error) {
	for try := 0; ; try++ {
		sl, err := c.pool.acquire(ctx)
		if err != nil {
			return nil, c.describe(cmd, err)
		}
		if err := context.Cause(ctx); err != nil { // too late to begin
			c.pool.unused(sl)
			return nil, c.describe(cmd, err)
		}
		s := c.newSession(cmd, sl)
		ok, err := s.exec(ctx, stderr)
		switch {
		case ok:
			return s, nil
		case errors.Is(err, errStale) && try < c.pool.spares+staleTries:
			continue // the host closed an idle session; nothing has run
		case errors.Is(err, errStale):
			return nil, c.describe(cmd, &RefusedError{Host: c.t.alias, What: "session", Detail: "each is closed before a command can be sent",
				Hint: "is the login limited to forwarding?"})
		default:
			return nil, c.describe(cmd, err)
		}
	}
}

func (c *Client) describe(cmd run.Cmd, err error) error {
	return fmt.Errorf("%s on %s: %w", title(cmd.Name, cmd.Line), c.t.alias, err)
}

func (c *Client) newSession(cmd run.Cmd, sl slot) *Session {
	s := &Session{
		Stdin: stdin{sl.ch}, Stdout: sl.ch, c: c, name: cmd.Name, line: cmd.Line, ch: sl.ch,
		tail: &tailBuffer{}, named: make(chan struct{}),
		ended: make(chan struct{}), stderr: make(chan struct{}), killed: make(chan struct{}),
	}
	go s.requests(sl.reqs)
	return s
}

// errStale is a session that was closed before anything was asked of it.
var errStale = errors.New("the session was closed while idle")

// staleTries is how many fresh sessions are tried when the spare ones are stale.
const staleTries = 5

// exec asks for the command and waits for sshd's word that it started.
func (s *Session) exec(ctx context.Context, stderr io.Writer) (bool, error) {
	if stderr == nil {
		stderr = s.tail
	}
	go s.readStderr(stderr)
	s.bind(ctx)
	if s.c.d.opts.forwardAgent() {
		// Without a reply: a refusal shows when the agent is used.
		if _, err := s.ch.SendRequest("auth-agent-req@openssh.com", false, nil); err != nil {
			return false, s.notStarted(ctx, err)
		}
	}
	ok, err := s.ch.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{s.wrapped()}))
	if err != nil || !ok {
		return false, s.notStarted(ctx, err)
	}
	return true, nil
}

// bind makes ctx end the command. The ending itself has a deadline of its own.
func (s *Session) bind(ctx context.Context) {
	s.cause = func() error { return context.Cause(ctx) }
	s.endNow = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.c.killTime())
		defer cancel()
		s.end(ctx)
	}
	s.stopKill = context.AfterFunc(ctx, func() {
		defer close(s.killed)
		s.endNow()
	})
}

// notStarted cleans up and says why nothing runs, or may not.
func (s *Session) notStarted(ctx context.Context, err error) error {
	s.close()
	lost := s.c.lostSoon()
	s.settle()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil:
		return &RefusedError{Host: s.c.t.alias, What: "command", Detail: "exec request failed",
			Hint: "the host may be out of processes or memory, or the login may not run commands"}
	case lost != nil:
		return lost
	case errors.Is(err, io.EOF):
		return errStale
	}
	return err
}

// requests notes how the command ended.
func (s *Session) requests(reqs <-chan *ssh.Request) {
	defer close(s.ended)
	for r := range reqs {
		switch r.Type {
		case "exit-status":
			var m struct{ Status uint32 }
			if ssh.Unmarshal(r.Payload, &m) == nil {
				s.status = exitStatus{known: true, code: int(m.Status)}
			}
		case "exit-signal":
			var m struct {
				Signal     string
				CoreDumped bool
				Error      string
				Lang       string
			}
			if ssh.Unmarshal(r.Payload, &m) == nil {
				s.status = exitStatus{known: true, code: -1, signal: m.Signal}
			}
		}
		if r.WantReply {
			// An error here is the end of the channel, which ends the loop.
			if err := r.Reply(false, nil); err != nil {
				continue
			}
		}
	}
}

// readStderr copies stderr without the line that names the process. A writer
// that fails loses the rest; the stream is still drained.
func (s *Session) readStderr(to io.Writer) {
	defer close(s.stderr)
	f := &pidFilter{token: []byte(token), to: to, found: func(pid int) { s.pid = pid; close(s.named) }}
	// Errors of the channel are its end; those of the writer are the caller's.
	if _, err := io.Copy(f, s.ch.Stderr()); err != nil {
		if _, err := io.Copy(io.Discard, s.ch.Stderr()); err != nil {
			return
		}
	}
	f.flush()
}

// Stderr gives what is kept of the error output so far.
func (s *Session) Stderr() string { return s.tail.String() }

// Wait waits for the command's end. A non-zero status is a *run.ExitError, an
// unknown one a *NoStatusError. It may be called again and answers the same.
func (s *Session) Wait() error {
	s.finish.Do(func() {
		<-s.ended
		<-s.stderr
		s.close()
		s.settle()
		s.err = s.verdict("", s.tail.String())
	})
	return s.err
}

// Close ends the command if it still runs, and waits until it is gone.
func (s *Session) Close() error {
	select {
	case <-s.ended:
	default:
		s.endNow()
	}
	err := s.Wait()
	var exit *run.ExitError
	var none *NoStatusError
	if errors.Is(err, errEnded) || errors.As(err, &exit) || errors.As(err, &none) {
		return nil // how it ended is Wait's to tell
	}
	return err
}

// settle joins the cancelling and gives the session back. Called once.
func (s *Session) settle() {
	if !s.stopKill() {
		<-s.killed
	}
	<-s.ended
	<-s.stderr
	s.c.pool.release()
}

// close closes our side; the host answers by closing its own.
func (s *Session) close() {
	// EOF when the channel is closed already.
	if err := s.ch.Close(); err != nil {
		return
	}
}

// verdict turns the status into an error. A command that was ended by us never
// succeeded: it may answer TERM with status 0.
func (s *Session) verdict(stdout, stderr string) error {
	err := s.statusError(stdout, stderr)
	if !s.wasEnded.Load() {
		return err
	}
	cause := s.cause()
	if cause == nil {
		cause = errEnded
	}
	return s.c.describe(run.Cmd{Name: s.name, Line: s.line}, errors.Join(cause, err))
}

// errEnded is a command that Close ended.
var errEnded = errors.New("ended by its caller")

func (s *Session) statusError(stdout, stderr string) error {
	st := s.status
	switch {
	case !st.known:
		return &NoStatusError{Host: s.c.t.alias, Name: s.name, Line: s.line, Stdout: stdout, Stderr: stderr, Err: s.c.lostSoon()}
	case st.code == 0:
		return nil
	}
	return &run.ExitError{Host: s.c.t.alias, Name: s.name, Line: s.line, Code: st.code, Signal: st.signal, Stdout: stdout, Stderr: stderr}
}

// stdin writes to the command and closes only that direction.
type stdin struct{ ch ssh.Channel }

func (w stdin) Write(p []byte) (int, error) { return w.ch.Write(p) }
func (w stdin) Close() error {
	if err := w.ch.CloseWrite(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// wait is a timer that also ends with the session.
func (s *Session) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.ended:
		return true
	case <-t.C:
		return false
	}
}
