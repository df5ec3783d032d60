package sshexec_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// patient is an agent that waits for its person before it signs.
type patient struct {
	agent.Agent
	asked, over chan struct{}
}

func (p patient) Sign(ssh.PublicKey, []byte) (*ssh.Signature, error) {
	close(p.asked)
	<-p.over
	return nil, errors.New("nobody came")
}

// serve serves one connection on a socket.
func serve(t *testing.T, one func(net.Conn)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c, err := l.Accept()
		if err != nil {
			return
		}
		one(c)
		c.Close() //nolint:errcheck // over
	}()
	t.Cleanup(func() {
		l.Close() //nolint:errcheck // over
		<-ended
	})
	return path
}

// Ctrl-C while an agent asks its person ends the login, also when nobody answers.
func TestAnAgentThatDoesNotAnswerIsLeftOnCancel(t *testing.T) {
	for _, stage := range []string{"list", "sign"} {
		t.Run(stage, func(t *testing.T) {
			s := sshtest.NewServer(t, sshtest.Options{})
			asked, over := make(chan struct{}), make(chan struct{})
			defer close(over)
			home := t.TempDir()
			o := sshexec.Options{
				User: "deploy", Port: s.Port(), ConfigOff: true, HomeDir: home,
				KnownHosts: []string{sshtest.WriteFile(t, filepath.Join(home, "known"), s.KnownHostsLine())},
			}
			o.AgentSocket = serve(t, func(c net.Conn) {
				if stage == "list" {
					close(asked)
					<-over
					return
				}
				ring := agent.NewKeyring()
				if err := ring.Add(agent.AddedKey{PrivateKey: sshtest.NewKey(t, "ed25519").Raw}); err != nil {
					t.Error(err)
				}
				agent.ServeAgent(patient{ring, asked, over}, c) //nolint:errcheck // its end
			})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-asked
				cancel()
			}()
			ended := make(chan error, 1)
			d := sshexec.New(o)
			go func() {
				_, err := d.Dial(ctx, "127.0.0.1")
				ended <- err
			}()
			select {
			case err := <-ended:
				if kind(err) != sshexec.KindCancelled || !errors.Is(err, context.Canceled) {
					t.Errorf("%v", err)
				}
			case <-time.After(3 * time.Second):
				t.Error("it still waits for the agent")
			}
		})
	}
}
