// Package db is the lab's stand-in for what the hosts of a real application
// share: a server in memory that records migrations, hands jobs to workers,
// remembers when each worker last asked for one, and fails or dawdles on demand.
// The sample application talks to it through Client, tests look into it.
//
// Laws: every record carries the server's clock, so times compare across hosts;
// Events are in the order in which they arrived.
package db

import "time"

// Process says who speaks: one container of the sample application.
type Process struct {
	Host    string `json:"host"`    // the container's host name
	Version string `json:"version"` // revision in the image
	// Start is the start time of the container's first process, in clock ticks
	// since boot (field 22 of /proc/1/stat): it tells two lives apart.
	Start string `json:"start"`
}

// Event is something that happened in a process: "migrate", "web start",
// "worker start", "worker quiet", "worker stop", "sourcemaps".
type Event struct {
	Process
	Kind   string    `json:"kind"`
	Detail string    `json:"detail,omitempty"`
	At     time.Time `json:"at"`
}

// Migration is one run of db:migrate that succeeded or failed.
type Migration struct {
	Process
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Error   string    `json:"error,omitempty"`
}

// Worker is the last that was heard of a worker process.
type Worker struct {
	Process
	State string    `json:"state"` // fetching, quiet or stopped
	Since time.Time `json:"since"` // when that state began
	// Polled is when it last asked for a job.
	Polled time.Time `json:"polled"`
	Done   int       `json:"done"`
}

// Job is a piece of work that takes Length.
type Job struct {
	ID     int           `json:"id"`
	Length time.Duration `json:"length"`
	State  string        `json:"state"` // queued, taken or done
	Worker string        `json:"worker,omitempty"`
	At     time.Time     `json:"at"` // of the last change of state
}

// Faults are what the server does wrong, or slowly, until told otherwise.
type Faults struct {
	MigrateFail  bool          `json:"migrate_fail"`
	MigrateDelay time.Duration `json:"migrate_delay"`
}

// Snapshot is everything the server knows, at Now.
type Snapshot struct {
	Now        time.Time   `json:"now"`
	Events     []Event     `json:"events"`
	Migrations []Migration `json:"migrations"`
	Workers    []Worker    `json:"workers"`
	Jobs       []Job       `json:"jobs"`
	Faults     Faults      `json:"faults"`
}

// Fetching lists the workers that asked for a job within the last second.
func (s Snapshot) Fetching() []Worker {
	var out []Worker
	for _, w := range s.Workers {
		if w.State == "fetching" && s.Now.Sub(w.Polled) < time.Second {
			out = append(out, w)
		}
	}
	return out
}
