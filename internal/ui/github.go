package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

// GitHub writes plain lines with the workflow commands of GitHub Actions: the
// plans are folded, warnings and failed steps become annotations.
type GitHub struct {
	mu    sync.Mutex
	w     io.Writer
	plain *Plain
}

// NewGitHub makes a GitHub sink.
func NewGitHub(w io.Writer) *GitHub { return &GitHub{w: w, plain: NewPlain(w, true)} }

// Emit writes the event.
func (g *GitHub) Emit(e event.Event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case e.Plan != nil:
		title := "plan"
		if e.Plan.Forecast {
			title = "forecast"
		}
		fmt.Fprintf(g.w, "::group::%s\n%s::endgroup::\n", title, e.Plan.Text) //nolint:errcheck // as Plain
		return
	case e.Type == event.Warning && e.Message != nil:
		text := e.Message.Text
		if e.Message.Pos != "" {
			text = e.Message.Pos + ": " + text
		}
		fmt.Fprintf(g.w, "::warning::%s\n", command(text)) //nolint:errcheck // as Plain
	case e.Done != nil && e.Done.Status == event.Failed:
		fmt.Fprintf(g.w, "::error title=%s::%s\n", property(e.Step), command(e.Done.Error)) //nolint:errcheck // as Plain
	}
	g.plain.Emit(e)
}

// property escapes the value of a workflow command's property.
func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(command(s))
}

// command escapes text for a workflow command.
func command(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}
