package sshtest

import (
	"net"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh/agent"
)

// Agent serves keys on a unix socket until the test ends, and gives the socket.
func Agent(t testing.TB, keys ...Key) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, k := range keys {
		check(t, ring.Add(agent.AddedKey{PrivateKey: k.Raw}))
	}
	path := filepath.Join(t.TempDir(), "agent.sock")
	l, err := net.Listen("unix", path)
	check(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()           //nolint:errcheck // over
				agent.ServeAgent(ring, c) //nolint:errcheck // EOF
			})
		}
	})
	t.Cleanup(func() {
		l.Close() //nolint:errcheck // over
		wg.Wait()
	})
	return path
}
