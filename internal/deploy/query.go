package deploy

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Said is what one host said to a question: the text that Kamal prints, or the
// same as data, one value per thing.
type Said struct {
	Host, Role string
	Text       string
	Stderr     string // of a command that was run on the user's behalf
	Facts      []any
}

// Question is a read-only line for each of some hosts. It costs each of them one
// exchange, all at once.
type Question struct {
	Name  string // what is asked, for errors
	Hosts []string
	// Line prints what Kamal prints.
	Line func(host string) string
	// DataLine prints what Facts reads; nil = Line.
	DataLine func(host string) string
	// Facts reads what a host printed.
	Facts func(host, text string) ([]any, error)
}

// Ask puts a question and gives the answers in the order of its hosts. Those of
// hosts that failed are missing; the error tells about them.
func (e *Engine) Ask(ctx context.Context, q Question, asData bool) ([]Said, error) {
	unreachable := e.connect(ctx, q.Hosts) // the others are asked all the same
	out, err := e.ask(ctx, q, asData)
	return out, errors.Join(unreachable, err)
}

// AskAll puts several questions at the same time.
func (e *Engine) AskAll(ctx context.Context, questions []Question, asData bool) ([][]Said, error) {
	var hosts []string
	for _, q := range questions {
		hosts = append(hosts, q.Hosts...)
	}
	slices.Sort(hosts)
	errs := []error{e.connect(ctx, slices.Compact(hosts))}
	var mu sync.Mutex
	var wg sync.WaitGroup
	out := make([][]Said, len(questions))
	for i, q := range questions {
		wg.Go(func() {
			said, err := e.ask(ctx, q, asData)
			mu.Lock()
			defer mu.Unlock()
			out[i], errs = said, append(errs, err)
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

func (e *Engine) ask(ctx context.Context, q Question, asData bool) ([]Said, error) {
	line := q.Line
	if asData && q.DataLine != nil {
		line = q.DataLine
	}
	answers := make(map[string]Said)
	var mu sync.Mutex
	err := e.each(ctx, e.reached(q.Hosts), func(ctx context.Context, h Host) error {
		res, err := h.Run(ctx, run.Cmd{Name: q.Name, Line: line(h.Name())})
		if err != nil {
			return err
		}
		said := Said{Host: h.Name(), Text: res.Stdout}
		if asData {
			said.Facts, err = q.Facts(h.Name(), res.Stdout)
		}
		mu.Lock()
		defer mu.Unlock()
		answers[h.Name()] = said
		return err
	})
	var out []Said
	for _, name := range q.Hosts {
		if said, ok := answers[name]; ok {
			out = append(out, said)
		}
	}
	return out, err
}

// reached gives those hosts that are connected.
func (e *Engine) reached(names []string) []string {
	var out []string
	for _, n := range names {
		if e.hosts[n] != nil {
			out = append(out, n)
		}
	}
	return out
}
