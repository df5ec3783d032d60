package sshtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Exec is one command as the server's handler sees it.
type Exec struct {
	Line           string // without the part by which sshexec learns the process
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Options tell the server how to behave; they may be changed under Lock while
// it runs. The zero value accepts every key and runs lines with sh.
type Options struct {
	Handler       func(Exec) int   // exit status; -1 = close without one
	Key           ssh.PublicKey    // the one that may log in; nil = any
	Delay         time.Duration    // before each answer to a channel open
	MaxSessions   int              // 0 = no limit
	RefuseForward bool             // of unix sockets and TCP
	RefuseExec    bool             // answers exec with failure
	CloseIdle     bool             // closes sessions as soon as they are open
	Mute          bool             // does not answer keepalives
	HangUp        func(n int) bool // tells whether the nth connection ends at once
}

// Server is an ssh server inside the test.
type Server struct {
	Addr    string
	HostKey Key

	mu       sync.Mutex
	opts     Options
	conns    []net.Conn
	accepted int
	Opened   atomic.Int64 // session channels, ever
	Execs    atomic.Int64
	l        net.Listener
	wg       sync.WaitGroup
}

// NewServer starts a server that lives until the test ends.
func NewServer(t testing.TB, o Options) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	s := &Server{Addr: l.Addr().String(), HostKey: NewKey(t, "ed25519"), opts: o, l: l}
	s.wg.Go(s.accept)
	t.Cleanup(s.Close)
	return s
}

// Port is the port number.
func (s *Server) Port() int { return s.l.Addr().(*net.TCPAddr).Port }

// KnownHostsLine is what a known_hosts file needs.
func (s *Server) KnownHostsLine() string {
	return knownhosts.Line([]string{s.Addr}, s.HostKey.Signer.PublicKey()) + "\n"
}

// Set changes the options of a running server.
func (s *Server) Set(change func(*Options)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.opts)
}

func (s *Server) options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts
}

// Drop cuts every connection.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close() //nolint:errcheck // cutting is the point
	}
	s.conns = nil
}

// DropOldest cuts the connection that came first.
func (s *Server) DropOldest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[0].Close() //nolint:errcheck // cutting is the point
}

// Close ends the server and joins its goroutines.
func (s *Server) Close() {
	s.l.Close() //nolint:errcheck // twice is fine
	s.Drop()
	s.wg.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.accepted++
		n := s.accepted
		s.conns = append(s.conns, c)
		hangUp := s.opts.HangUp
		s.mu.Unlock()
		if hangUp != nil && hangUp(n) {
			c.Close() //nolint:errcheck // the fault
			continue
		}
		s.wg.Go(func() { s.serve(c) })
	}
}

func (s *Server) serve(c net.Conn) {
	defer c.Close() //nolint:errcheck // over
	cfg := &ssh.ServerConfig{PublicKeyCallback: s.login}
	cfg.AddHostKey(s.HostKey.Signer)
	conn, chans, reqs, err := ssh.NewServerConn(c, cfg)
	if err != nil {
		return
	}
	s.wg.Go(func() {
		for r := range reqs {
			if r.WantReply && !s.options().Mute {
				r.Reply(false, nil) //nolint:errcheck // the client may be gone
			}
		}
	})
	var sessions atomic.Int64
	for nc := range chans {
		s.wg.Go(func() { s.channel(nc, &sessions) })
	}
	conn.Wait() //nolint:errcheck // over
}

func (s *Server) login(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	want := s.options().Key
	if want != nil && string(want.Marshal()) != string(key.Marshal()) {
		return nil, errors.New("not this key")
	}
	return nil, nil
}

func (s *Server) channel(nc ssh.NewChannel, sessions *atomic.Int64) {
	o := s.options()
	if o.Delay > 0 {
		time.Sleep(o.Delay) //nolint:forbidigo // the fault
	}
	if nc.ChannelType() != "session" {
		s.forward(nc, o)
		return
	}
	if n := sessions.Add(1); o.MaxSessions > 0 && n > int64(o.MaxSessions) {
		sessions.Add(-1)
		nc.Reject(ssh.ConnectionFailed, "open failed") //nolint:errcheck // as sshd
		return
	}
	defer sessions.Add(-1)
	s.Opened.Add(1)
	ch, reqs, err := nc.Accept()
	if err != nil {
		return
	}
	if o.CloseIdle {
		ch.Close() //nolint:errcheck // the fault
		ssh.DiscardRequests(reqs)
		return
	}
	s.session(ch, reqs, o)
}

func (s *Server) session(ch ssh.Channel, reqs <-chan *ssh.Request, o Options) {
	defer ch.Close() //nolint:errcheck // over
	for r := range reqs {
		if r.Type != "exec" || o.RefuseExec {
			if r.WantReply {
				r.Reply(false, nil) //nolint:errcheck // the client may be gone
			}
			continue
		}
		var m struct{ Line string }
		if err := ssh.Unmarshal(r.Payload, &m); err != nil {
			return
		}
		r.Reply(true, nil) //nolint:errcheck // the client may be gone
		s.Execs.Add(1)
		s.wg.Go(func() { ssh.DiscardRequests(reqs) })
		s.run(ch, m.Line, o)
		return
	}
}

func (s *Server) run(ch ssh.Channel, line string, o Options) {
	status := 0
	if o.Handler != nil {
		if rest, ok := strings.CutPrefix(line, "sh -c 'echo hwdeploy-process $PPID >&2'; "); ok {
			line = rest
		}
		status = o.Handler(Exec{Line: line, Stdin: ch, Stdout: ch, Stderr: ch.Stderr()})
	} else {
		status = shell(ch, line)
	}
	if status >= 0 {
		ch.SendRequest("exit-status", false, ssh.Marshal(struct{ N uint32 }{uint32(status)})) //nolint:errcheck,gosec // the client may be gone
	}
}

func shell(ch ssh.Channel, line string) int {
	cmd := exec.Command("sh", "-c", line)
	in, err := cmd.StdinPipe()
	if err != nil {
		return 255
	}
	cmd.Stdout, cmd.Stderr = ch, ch.Stderr()
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(ch.Stderr(), err)
		return 255
	}
	go func() {
		io.Copy(in, ch) //nolint:errcheck // ends with the channel
		in.Close()      //nolint:errcheck // ends with the process
	}()
	var exit *exec.ExitError
	if err := cmd.Wait(); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// forward serves direct-streamlocal and direct-tcpip.
func (s *Server) forward(nc ssh.NewChannel, o Options) {
	network, addr := "unix", ""
	switch nc.ChannelType() {
	case "direct-streamlocal@openssh.com":
		var m struct {
			Path, Reserved string
			Zero           uint32
		}
		if ssh.Unmarshal(nc.ExtraData(), &m) == nil {
			addr = m.Path
		}
	case "direct-tcpip":
		var m struct {
			Host string
			Port uint32
			Orig string
			From uint32
		}
		if ssh.Unmarshal(nc.ExtraData(), &m) == nil {
			network, addr = "tcp", fmt.Sprintf("%s:%d", m.Host, m.Port)
		}
	}
	to, err := net.Dial(network, addr)
	if err != nil || o.RefuseForward || addr == "" {
		nc.Reject(ssh.ConnectionFailed, "open failed") //nolint:errcheck // as sshd
		return
	}
	defer to.Close() //nolint:errcheck // over
	ch, reqs, err := nc.Accept()
	if err != nil {
		return
	}
	s.wg.Go(func() { ssh.DiscardRequests(reqs) })
	s.wg.Go(func() {
		io.Copy(to, ch) //nolint:errcheck // ends with either side
		closeWrite(to)  //nolint:errcheck // as above
	})
	io.Copy(ch, to) //nolint:errcheck // ends with either side
	ch.Close()      //nolint:errcheck // over
}

func closeWrite(c net.Conn) error {
	if w, ok := c.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return c.Close()
}
