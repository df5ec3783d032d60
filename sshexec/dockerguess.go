package sshexec

import (
	"context"
	"errors"
	"net"
)

// question is which endpoint the host's own docker CLI uses.
type question struct {
	answered chan struct{}
	endpoint string // valid once answered, as err
	err      error
}

// wait waits for the answer.
func (q *question) wait(ctx context.Context) error {
	select {
	case <-q.answered:
		return q.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (q *question) right() bool { return q.endpoint == "unix://"+defaultSocket }

// guess is a connection to the default socket that may turn out to be the wrong
// one. What is written goes out at once; what is read waits for the host's word,
// and fails with errWrongSocket. So ask only what does no harm, and ask it again
// when it fails.
type guess struct {
	net.Conn
	question *question
}

// errWrongSocket is a guess that was wrong.
var errWrongSocket = errors.New("the host's docker listens on another socket than the default one")

// Read waits for the answer.
func (g *guess) Read(p []byte) (int, error) {
	<-g.question.answered
	switch {
	case g.question.err != nil:
		return 0, g.question.err
	case !g.question.right():
		return 0, errWrongSocket
	}
	return g.Conn.Read(p)
}

// CloseWrite ends the sending side.
func (g *guess) CloseWrite() error {
	if c, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}
