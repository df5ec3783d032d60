package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Report is what came back.
type Report struct {
	Requests int
	Failed   int // no answer, or a status of 400 and above
	Statuses map[int]int
	Errors   map[string]int
	Versions map[string]int // by what the version header said, of answers below 400
	Failures []Failure      // the first 20
	// P50, P99 and Max are times to the end of the answer.
	P50, P99, Max time.Duration
	// Rate is what was really sent a second.
	Rate float64
}

// Failure is one failed request: when after the start, and what came instead.
type Failure struct {
	At  time.Duration
	Why string // "status 502" or the error
}

// String is one line for people, and one more for each failure.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests at %.0f/s, %d failed, p50 %s, p99 %s, max %s; by version:", r.Requests, r.Rate, r.Failed,
		r.P50.Round(100*time.Microsecond), r.P99.Round(100*time.Microsecond), r.Max.Round(100*time.Microsecond))
	for _, v := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(&b, " %s %d", v, r.Versions[v])
	}
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "\n  at %.2f s: %s", f.At.Seconds(), f.Why)
	}
	return b.String()
}

type result struct {
	at, took     time.Duration
	status       int
	version, err string
}

type tally struct {
	mu   sync.Mutex
	last time.Duration
	took []time.Duration
	sum  Report
}

func newTally() tally {
	return tally{sum: Report{Statuses: map[int]int{}, Errors: map[string]int{}, Versions: map[string]int{}}}
}

func (t *tally) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum.Requests
}

func (t *tally) add(r result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.Requests++
	t.took = append(t.took, r.took)
	t.last = max(t.last, r.at)
	why := r.err
	switch {
	case r.err != "":
		t.sum.Errors[r.err]++
	case r.status >= 400:
		t.sum.Statuses[r.status]++
		why = fmt.Sprintf("status %d", r.status)
	default:
		t.sum.Statuses[r.status]++
		t.sum.Versions[r.version]++
		return
	}
	t.sum.Failed++
	if len(t.sum.Failures) < 20 {
		t.sum.Failures = append(t.sum.Failures, Failure{r.at, why})
	}
}

func (t *tally) report() Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.sum
	if len(t.took) == 0 {
		return r
	}
	slices.Sort(t.took)
	at := func(q float64) time.Duration { return t.took[int(q*float64(len(t.took)-1))] }
	r.P50, r.P99, r.Max = at(.5), at(.99), at(1)
	if t.last > 0 {
		r.Rate = float64(r.Requests-1) / t.last.Seconds()
	}
	slices.SortFunc(r.Failures, func(a, b Failure) int { return int(a.At - b.At) })
	return r
}
