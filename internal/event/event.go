// Package event holds the words in which a run tells what it does: one stream of
// versioned values. It knows nothing of terminals; package ui renders.
//
// Laws: IDs and texts carry no colour; a RunDone event always comes last and
// carries the exit code; the JSON form (docs/events.md) changes only with Version.
package event

import "time"

// Version is the version of the JSON form.
const Version = 1

// Type names a kind of event.
type Type string

// The types of events, with the body each carries.
const (
	RunStarted   Type = "run.started"   // Run
	PlanReady    Type = "plan.ready"    // Plan
	StepStarted  Type = "step.started"  // Step
	StepOutput   Type = "step.output"   // Output
	StepProgress Type = "step.progress" // Progress
	StepDone     Type = "step.done"     // Done
	Warning      Type = "warning"       // Message
	Notice       Type = "notice"        // Message
	RunDone      Type = "run.done"      // Result
)

// Event is one value of the stream. Exactly one body field is set.
type Event struct {
	Version int       `json:"v"`
	Seq     int       `json:"seq"`
	Time    time.Time `json:"time"`
	Type    Type      `json:"type"`
	Step    string    `json:"step,omitempty"` // a plan's step ID, or a phase ("build")
	Host    string    `json:"host,omitempty"` // empty = this machine

	Run      *Run      `json:"run,omitempty"`
	Plan     *Plan     `json:"plan,omitempty"`
	Started  *Step     `json:"started,omitempty"`
	Output   *Output   `json:"output,omitempty"`
	Progress *Progress `json:"progress,omitempty"`
	Done     *Done     `json:"done,omitempty"`
	Message  *Message  `json:"message,omitempty"`
	Result   *Result   `json:"result,omitempty"`
}

// Run opens the stream.
type Run struct {
	ID          string `json:"id"`      // 16 hex digits, unique to the run
	Command     string `json:"command"` // "deploy", "rollback" …
	Service     string `json:"service"`
	Destination string `json:"destination,omitempty"`
	AppVersion  string `json:"app_version"`
}

// Plan is a plan that is about to be executed (or only shown).
type Plan struct {
	Forecast bool   `json:"forecast"` // made before the lock
	Text     string `json:"text"`     // one stable line per step
}

// Step says in words what begins.
type Step struct {
	Title string `json:"title"`
}

// Output is a piece of what a step's command printed; whole lines.
type Output struct {
	Stream string `json:"stream"` // "stdout" or "stderr"
	Text   string `json:"text"`
	// Folded output is shown where more was asked for only (-v).
	Folded bool `json:"folded,omitempty"`
}

// Progress is how far a step is.
type Progress struct {
	Text    string `json:"text,omitempty"`
	Current int64  `json:"current,omitempty"` // bytes or items
	Total   int64  `json:"total,omitempty"`   // 0 = not known
}

// Status is how a step ended.
type Status string

// The outcomes of a step.
const (
	Succeeded Status = "ok"
	Failed    Status = "failed"
	Blocked   Status = "blocked" // never run: a prerequisite failed
	Skipped   Status = "skipped" // nothing to do
	Undone    Status = "undone"
)

// Done ends a step.
type Done struct {
	Status  Status  `json:"status"`
	Seconds float64 `json:"seconds"`
	Detail  string  `json:"detail,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// Message is a warning or notice with what can be done about it.
type Message struct {
	Text string `json:"text"`
	Pos  string `json:"pos,omitempty"` // file:line:col
	Hint string `json:"hint,omitempty"`
}

// Result closes the stream.
type Result struct {
	ExitCode int      `json:"exit_code"`
	Seconds  float64  `json:"seconds"`
	Error    string   `json:"error,omitempty"`
	Serving  []string `json:"serving,omitempty"` // per host: what serves now
	Hints    []string `json:"hints,omitempty"`
}

// Sink receives events. Emit is safe for concurrent use; the sink fills Version,
// Seq and Time.
type Sink interface{ Emit(Event) }
