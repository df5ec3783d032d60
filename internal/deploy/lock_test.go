package deploy

import (
	"errors"
	"fmt"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// Waiting for a lock helps only where every host that refuses is held by another
// run: one that fails for good is told at once.
func TestWhatIsWaitedFor(t *testing.T) {
	wait := LockWait{Wait: true}
	held := &LockedError{Host: "a", Lock: kamal.Lock{Text: "Locked by: Ann"}}
	busy := fmt.Errorf("b: %w", &BusyError{Host: "b", Run: "r1"})
	byHand := &LockedError{Host: "a", Manual: true}
	gone := errors.New("guard on c: unexpected EOF")
	for name, c := range map[string]struct {
		err  error
		wait LockWait
		want bool
	}{
		"held":                      {held, wait, true},
		"held, not asked to wait":   {held, LockWait{}, false},
		"a person's lock":           {byHand, wait, false},
		"held and busy":             {errors.Join(held, busy), wait, true},
		"held, and a host is gone":  {errors.Join(held, gone), wait, false},
		"gone, and a host is held":  {errors.Join(errors.Join(gone, held), nil), wait, false},
		"another error of one host": {gone, wait, false},
	} {
		if got, reason := waitsFor(c.err, c.wait); got != c.want || got && reason == "" {
			t.Errorf("%s: %v %q", name, got, reason)
		}
	}
}
