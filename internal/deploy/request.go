package deploy

import "time"

// Request is one rollout.
type Request struct {
	Command string // "deploy", "redeploy", "rollback", "boot", "setup"
	Version string
	// Head is the checkout's version, which pre-connect is told where Version is
	// yet to be chosen; "" = none.
	Head string
	// Flow is the guidebook's flow: it migrates before the swap, and does Extras.
	Flow      bool
	Migrate   bool
	Extras    Extras
	SkipPush  bool // boot an image that was pushed before
	NoCache   bool // build without the builder's cache
	Build     bool // build also what the registry has
	SkipHooks bool
	NoReturn  bool // leave hosts that succeeded on the new version
	Strict    bool // stop when the hosts changed between forecast and lock
	Restart   bool // a rollback that starts stopped containers as they are
	IfChanged bool // do nothing on a fleet that is as it would be made
	Locked    bool // all of it happens under the lock, as hooks are told
	LockWait  LockWait
	Message   string // of the lock; empty = automatic
}

// builds tells whether the run makes an image.
func (r Request) builds() bool {
	return !r.SkipPush && (r.Command == "deploy" || r.Command == "redeploy")
}

// LockWait says how to meet a lock that is held.
type LockWait struct {
	Wait              bool
	Timeout, Interval time.Duration // Kamal's defaults: 900 s, 15 s
}
