package sshexec

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// proxyConn is the byte stream to an sshd through a local command. The command's
// socketpair end is both its stdin and stdout, so that deadlines work.
type proxyConn struct {
	net.Conn
	cmd  *exec.Cmd
	line string
	err  tailBuffer
	once sync.Once
	done chan struct{} // closed when the command has ended
	exit error
}

// startProxy runs the ProxyCommand of t with `sh`, replaced by the command
// itself, in a process group of its own.
func startProxy(t *target) (net.Conn, error) {
	line := expandTokens(t.proxyCommand, map[byte]string{'h': t.host, 'n': t.alias, 'p': strconv.Itoa(t.port), 'r': t.user})
	fds, err := socketpair()
	if err != nil {
		return nil, t.fail(KindProxyCommand, err, "", "no socket pair: %v", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "proxy"), os.NewFile(uintptr(fds[1]), "proxy")
	defer theirs.Close() //nolint:errcheck // the child holds its own copy
	conn, err := net.FileConn(ours)
	if cerr := ours.Close(); err == nil && cerr != nil {
		err = cerr
	}
	if err != nil {
		return nil, t.fail(KindProxyCommand, err, "", "no socket pair: %v", err)
	}
	p := &proxyConn{Conn: conn, line: line, done: make(chan struct{})}
	p.cmd = exec.Command("sh", "-c", "exec "+line) //nolint:gosec // the user's own ProxyCommand
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = theirs, theirs, &p.err
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(t.fail(KindProxyCommand, err, "", "%v", err), conn.Close())
	}
	go func() {
		defer close(p.done)
		p.exit = p.cmd.Wait()
	}()
	return p, nil
}

// socketpair makes two sockets that no other command inherits, also not one that is
// started at this moment: it would keep a stream open whose end is to be seen.
func socketpair() ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	return fds, err
}

// Close ends the command: its stdin closes, and its group gets TERM.
func (p *proxyConn) Close() error {
	err := p.Conn.Close()
	p.once.Do(func() {
		// An error here says that the group is gone already.
		if kerr := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM); kerr != nil {
			return
		}
		select {
		case <-p.done:
		case <-time.After(time.Second):
			if kerr := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); kerr != nil {
				return
			}
		}
	})
	<-p.done
	return err
}

// RemoteAddr is made up: nobody knows where the command goes.
func (p *proxyConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4zero} }

// failure explains a handshake that broke because the command ended, or nil.
func (p *proxyConn) failure(t *target) error {
	select {
	case <-p.done:
	case <-time.After(100 * time.Millisecond):
		return nil
	}
	how := "ended"
	var exit *exec.ExitError
	if errors.As(p.exit, &exit) && exit.ExitCode() < 0 {
		return nil // by Close: it was alive, so the host itself hung up
	} else if exit != nil {
		how = fmt.Sprintf("ended with exit status %d", exit.ExitCode())
	}
	hint := strings.TrimSpace(p.err.String())
	return t.fail(KindProxyCommand, p.exit, join(hint, "the command was: "+p.line), "the proxy command %s before the host answered", how)
}

// tailBuffer keeps the last bytes written to it.
type tailBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailSize = 64 << 10

// Write implements io.Writer; it never fails.
func (t *tailBuffer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if over := t.buf.Len() - tailSize; over > 0 {
		t.buf.Next(over)
	}
	return len(p), nil
}

// String gives what is kept.
func (t *tailBuffer) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
