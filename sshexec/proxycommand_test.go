package sshexec

import (
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Commands that start while a socket pair is made inherit neither half of one.
func TestNoCommandInheritsAnothersSockets(t *testing.T) {
	inherits := func() int {
		out, err := exec.Command("sh", "-c", "ls -l /dev/fd/").Output()
		if err != nil {
			t.Error(err)
		}
		return strings.Count(string(out), "socket:")
	}
	before := inherits() // from whoever runs the tests
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			fds, err := socketpair()
			if err != nil {
				t.Error(err)
				return
			}
			for _, fd := range fds {
				syscall.Close(fd) //nolint:errcheck,gosec // a test
			}
		}
	})
	for range 300 {
		if n := inherits(); n != before {
			t.Errorf("%d sockets, %d before", n, before)
			break
		}
	}
	close(stop)
	wg.Wait()
}
