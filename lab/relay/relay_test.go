package relay

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// echo answers each line with itself, and ends its half when the client does.
func echo(t *testing.T) string {
	t.Helper()
	return server(t, func(c net.Conn) {
		for lines := bufio.NewScanner(c); lines.Scan(); {
			fmt.Fprintf(c, "%s\n", lines.Text())
		}
	})
}

func server(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); serve(c) }()
		}
	}()
	return l.Addr().String()
}

func start(t *testing.T, target string, clock *Clock) *Relay {
	t.Helper()
	r, err := Listen(t.Context(), "127.0.0.1:0", target, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func dial(t *testing.T, r *Relay) *client {
	t.Helper()
	c, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &client{Conn: c, t: t, in: bufio.NewReader(c)}
}

type client struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func (c *client) ask(line string) {
	c.t.Helper()
	fmt.Fprintf(c, "%s\n", line)
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if got, err := c.in.ReadString('\n'); err != nil || got != line+"\n" {
		c.t.Fatalf("asked %q, got %q, %v", line, got, err)
	}
}

// silent fails unless nothing comes for a while.
func (c *client) silent(d time.Duration) {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(d))
	if b, err := c.in.ReadByte(); err == nil || !strings.Contains(err.Error(), "timeout") {
		c.t.Fatalf("not silent: %q, %v", b, err)
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:0", "localhost", ":0"} {
		if r, err := Listen(t.Context(), addr, "127.0.0.1:1", nil); err == nil {
			r.Close()
			t.Errorf("%s: accepted", addr)
		}
	}
}

func TestBytesArriveWholeAndInOrder(t *testing.T) {
	want := make([]byte, 3<<20)
	rand.Read(want)
	sum := make(chan [32]byte, 1)
	r := start(t, server(t, func(c net.Conn) {
		data, _ := io.ReadAll(c)
		sum <- sha256.Sum256(data)
		c.Write([]byte("bye"))
	}), nil)
	r.SetLatency(3 * time.Millisecond)
	c := dial(t, r)
	if _, err := io.Copy(c, bytes.NewReader(want)); err != nil {
		t.Fatal(err)
	}
	c.Conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(c.in)
	if err != nil || string(answer) != "bye" {
		t.Fatalf("after the half close: %q, %v", answer, err)
	}
	if <-sum != sha256.Sum256(want) {
		t.Error("other bytes arrived")
	}
	if s := r.Stats(); s.Up != int64(len(want)) || s.Down != 3 {
		t.Errorf("counted %d up, %d down", s.Up, s.Down)
	}
}

func TestLatency(t *testing.T) {
	r := start(t, echo(t), nil)
	c := dial(t, r)
	c.ask("fast")
	r.SetLatency(40 * time.Millisecond)
	begin := time.Now()
	c.ask("slow")
	if d := time.Since(begin); d < 80*time.Millisecond || d > 400*time.Millisecond {
		t.Errorf("an exchange took %s, want about 80 ms", d)
	}
	begin = time.Now()
	dial(t, r).ask("first") // handshake and exchange
	if d := time.Since(begin); d < 160*time.Millisecond || d > 600*time.Millisecond {
		t.Errorf("dial and exchange took %s, want about 160 ms", d)
	}
}

func TestBandwidth(t *testing.T) {
	r := start(t, server(t, func(c net.Conn) { io.Copy(io.Discard, c); c.Write([]byte("bye")) }), nil)
	r.SetBandwidth(1 << 20)
	c := dial(t, r)
	begin := time.Now()
	c.Write(make([]byte, 300<<10))
	c.Conn.(*net.TCPConn).CloseWrite()
	io.ReadAll(c.in)
	if d := time.Since(begin); d < 280*time.Millisecond || d > 900*time.Millisecond {
		t.Errorf("300 kB at 1 MB/s took %s", d)
	}
}

func TestCutAndRefuse(t *testing.T) {
	r := start(t, echo(t), nil)
	c := dial(t, r)
	c.ask("one")
	r.Refuse(true)
	c.ask("open ones go on")
	other := dial(t, r)
	other.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := other.in.ReadByte(); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a refused connection: %v", err)
	}
	r.Cut()
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.in.ReadByte(); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a cut connection: %v", err)
	}
	r.Refuse(false)
	dial(t, r).ask("again")
}

func TestBlackHoleAndStall(t *testing.T) {
	r := start(t, echo(t), nil)
	c := dial(t, r)
	c.ask("one")
	r.BlackHole(true)
	fmt.Fprintln(c, "lost")
	c.silent(50 * time.Millisecond)
	r.BlackHole(false)
	fmt.Fprintln(c, "still lost")
	c.silent(50 * time.Millisecond)

	d := dial(t, r)
	d.ask("a new one works")
	r.Stall(true)
	fmt.Fprintln(d, "held")
	d.silent(50 * time.Millisecond)
	r.Stall(false)
	d.SetReadDeadline(time.Now().Add(5 * time.Second))
	if got, err := d.in.ReadString('\n'); got != "held\n" {
		t.Errorf("after the stall: %q, %v", got, err)
	}
}

func TestCounts(t *testing.T) {
	clock := &Clock{}
	target := echo(t)
	a, b := start(t, target, clock), start(t, target, clock)
	a.SetLatency(15 * time.Millisecond)
	b.SetLatency(15 * time.Millisecond)
	both := func(n int) { // n exchanges on each of two connections, side by side
		var wait sync.WaitGroup
		for _, r := range []*Relay{a, b} {
			c := dial(t, r)
			wait.Go(func() {
				for range n {
					c.ask("hello")
				}
			})
		}
		wait.Wait()
	}
	both(5)
	if s := a.Stats(); s.RoundTrips != 6 || s.Turns != 5 || s.Connections != 1 {
		t.Errorf("five exchanges and a handshake: %+v", s)
	}
	if s := b.Stats(); s.RoundTrips != 6 {
		t.Errorf("side by side, the same six: %+v", s)
	}
	a.Reset()
	if s := a.Stats(); s.RoundTrips != 0 || s.Turns != 0 || s.Up != 0 || s.Connections != 0 {
		t.Errorf("after Reset: %+v", s)
	}
	c := dial(t, a)
	c.ask("one")
	fmt.Fprint(c, "a\nb\nc\nd\n") // asked at once
	for range 4 {
		c.in.ReadString('\n')
	}
	if s := a.Stats(); s.RoundTrips != 3 {
		t.Errorf("a handshake, one exchange, four at once: %+v", s)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	r, err := Listen(t.Context(), "127.0.0.1:0", echo(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, r)
	c.ask("one")
	r.SetLatency(time.Hour)
	fmt.Fprintln(c, "on the way")
	done := make(chan struct{})
	go func() { r.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("Close hangs")
	}
	if s := r.Stats(); s.Open != 0 {
		t.Errorf("%d connections are open", s.Open)
	}
}
