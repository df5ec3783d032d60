package sshexec

import (
	"errors"
	"testing"

	"golang.org/x/crypto/ssh"
)

// hung is a connection whose library has ended, and answers no request.
type hung struct {
	ssh.Conn
	end chan struct{}
}

func (h hung) OpenChannel(string, []byte) (ssh.Channel, <-chan *ssh.Request, error) {
	<-h.end
	return nil, nil, errors.New("too late")
}

// A channel that is asked for in the moment in which the connection ends is never
// answered; whoever waits for it, Close among them, must not.
func TestAChannelThatIsNeverAnswered(t *testing.T) {
	end, lost := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(end) })
	c := &Client{conn: &ssh.Client{Conn: hung{end: end}}, lost: lost, err: &LostError{Host: "a", Reason: "the host closed it"}}
	done := make(chan opened, 1)
	go func() { done <- c.request("session", nil) }()
	select {
	case o := <-done:
		t.Fatalf("answered while nothing had happened: %v", o.err)
	default:
	}
	close(lost)
	var le *LostError
	if o := <-done; !errors.As(o.err, &le) {
		t.Errorf("got %v", o.err)
	}
}
