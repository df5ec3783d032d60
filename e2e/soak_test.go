//go:build soak

package e2e

import (
	"testing"
	"time"
)

// A minute of six logs, a thousand lines a second each.
func TestSoakFollowingSixLogs(t *testing.T) { follow(chatty(t), time.Minute) }
