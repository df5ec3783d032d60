package build

import (
	"cmp"
	"strings"

	"github.com/moby/buildkit/client"
)

// Update is one piece of news about one step of a build.
type Update struct {
	Step string // id, the same in all news of a step
	Name string // "[web 3/9] RUN bundle install", "[internal] load build context"
	Kind Kind
	// Text is output as it came (KindOutput: any bytes), what moves
	// (KindTransfer), the warning (KindWarning) or the failure (KindFailed).
	Text string
	// Current and Total are bytes of a KindTransfer; Total 0 = not known.
	Current, Total int64
}

// Kind is the kind of an Update.
type Kind int

// The kinds, in the order of a step's life. Each step ends with exactly one of
// KindCached, KindDone and KindFailed.
const (
	KindStarted Kind = iota
	KindOutput
	KindTransfer
	KindWarning
	KindCached
	KindDone
	KindFailed
)

// tailLines is how much of a step's output an error keeps.
const tailLines = 20

// step is what is remembered of a vertex.
type step struct {
	name    string
	started bool
	ended   bool
	tail    tail
}

// watcher turns status reports into updates and remembers what an error needs.
type watcher struct {
	tell  func(Update)
	steps map[string]*step
	last  string // the step that failed last
}

func newWatcher(tell func(Update)) *watcher {
	if tell == nil {
		tell = func(Update) {}
	}
	return &watcher{tell: tell, steps: map[string]*step{}}
}

func (w *watcher) step(id string) *step {
	s := w.steps[id]
	if s == nil {
		s = &step{}
		w.steps[id] = s
	}
	return s
}

func (w *watcher) see(s *client.SolveStatus) {
	for _, v := range s.Vertexes {
		w.vertex(v)
	}
	for _, t := range s.Statuses {
		id := t.Vertex.String()
		w.tell(Update{Step: id, Name: w.step(id).name, Kind: KindTransfer, Text: cmp.Or(t.Name, t.ID), Current: t.Current, Total: t.Total})
	}
	for _, l := range s.Logs {
		id := l.Vertex.String()
		st := w.step(id)
		st.tail.add(l.Data)
		w.tell(Update{Step: id, Name: st.name, Kind: KindOutput, Text: string(l.Data)})
	}
	for _, x := range s.Warnings {
		id := x.Vertex.String()
		w.tell(Update{Step: id, Name: w.step(id).name, Kind: KindWarning, Text: string(x.Short)})
	}
}

// vertex may be told the same several times; what has ended stays so.
func (w *watcher) vertex(v *client.Vertex) {
	id := v.Digest.String()
	st := w.step(id)
	st.name = v.Name
	u := Update{Step: id, Name: v.Name}
	if v.Started != nil && !st.started {
		st.started = true
		u.Kind = KindStarted
		w.tell(u)
	}
	if v.Completed == nil || st.ended {
		return
	}
	st.ended = true
	switch {
	case v.Error != "":
		w.last = id
		u.Kind, u.Text = KindFailed, v.Error
	case v.Cached:
		u.Kind = KindCached
	default:
		u.Kind = KindDone
	}
	w.tell(u)
}

// tail keeps the last lines of a stream that comes in any pieces.
type tail struct {
	lines []string
	part  string
}

func (t *tail) add(data []byte) {
	text := t.part + string(data)
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok {
			break
		}
		t.lines = append(t.lines, strings.TrimSuffix(line, "\r"))
		text = rest
	}
	t.part = text
	if over := len(t.lines) - tailLines; over > 0 {
		t.lines = t.lines[over:]
	}
}

func (t *tail) last() []string {
	if t.part == "" {
		return t.lines
	}
	return append(t.lines[:len(t.lines):len(t.lines)], t.part)
}
