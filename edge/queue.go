package edge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
)

// Queue is a file of URLs to purge, one a line; blank lines and those that begin
// with # say nothing. Programs append to it at any time.
//
// It is taken by renaming: whoever appends meanwhile begins a new file, and what
// was not purged is appended to that. A run that died leaves the renamed file,
// which the next one takes up. So no line is lost; one may be purged twice.
type Queue struct {
	Path string
	Zone string
}

// taken is the file while it is being purged.
func (q Queue) taken() string { return q.Path + ".purging" }

// Waits tells that there is a queue to be purged, or one that a run left.
func (q Queue) Waits() bool {
	for _, name := range []string{q.taken(), q.Path} {
		if _, err := os.Stat(name); err == nil {
			return true
		}
	}
	return false
}

// Pending lists the URLs that a purge would send, and changes nothing.
func (q Queue) Pending() ([]string, error) {
	var urls []string
	for _, name := range []string{q.taken(), q.Path} {
		lines, err := readLines(name)
		if err != nil {
			return nil, err
		}
		good, _ := q.split(name, lines)
		urls = append(urls, good...)
	}
	return unique(urls), nil
}

// PurgeQueue purges what the queue names and takes it out of the file as far as
// the API accepted it; n is how many URLs that are. Lines that are no URLs and
// URLs that the API refuses stay, and are an error: a *QueueError. progress may
// be called with how far it is.
func (c *Client) PurgeQueue(ctx context.Context, q Queue, progress func(done, total int)) (n int, err error) {
	bad := &QueueError{}
	for left := true; left; { // what a run that died left, and then the queue itself
		var there bool
		if left, there, err = q.take(); err != nil || !there {
			return n, errors.Join(bad.orNil(), err)
		}
		m, err := c.purgeTaken(ctx, q, bad, progress)
		if n += m; err != nil {
			return n, errors.Join(bad.orNil(), err)
		}
	}
	return n, bad.orNil()
}

// take renames the queue unless a renamed one is there already, left by another run.
func (q Queue) take() (left, there bool, err error) {
	if _, err := os.Stat(q.taken()); err == nil {
		return true, true, nil
	}
	err = os.Rename(q.Path, q.taken())
	if errors.Is(err, fs.ErrNotExist) {
		return false, false, nil
	}
	return false, err == nil, err
}

func (c *Client) purgeTaken(ctx context.Context, q Queue, bad *QueueError, progress func(done, total int)) (n int, err error) {
	lines, err := readLines(q.taken())
	if err != nil {
		return 0, err
	}
	urls, wrong := q.split(q.Path, lines)
	bad.Refused = append(bad.Refused, wrong...)
	accepted := map[string]bool{}
	refused, err := c.PurgeURLs(ctx, q.Zone, urls, func(done []string) error {
		for _, u := range done {
			accepted[u] = true
		}
		progress(len(accepted), len(urls))
		return nil
	})
	for _, r := range refused {
		bad.Refused = append(bad.Refused, r.Err.Error())
	}
	return len(accepted), errors.Join(err, q.giveBack(accepted))
}

// giveBack appends what was not accepted to the queue, and forgets the rest. The
// file is read anew: a program may have had it open when it was renamed.
func (q Queue) giveBack(accepted map[string]bool) error {
	lines, err := readLines(q.taken())
	if err != nil {
		return err
	}
	rest := ""
	for _, l := range lines {
		if u := strings.TrimSpace(l); u != "" && !accepted[u] {
			rest += l + "\n"
		}
	}
	if strings.TrimSpace(rest) != "" {
		if err := appendTo(q.Path, rest); err != nil {
			return err
		}
	}
	if err := os.Remove(q.taken()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil // another run of this project was faster
}

// appendTo adds lines to a file, whose last one may have no end yet.
func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // as other programs make it
	if err != nil {
		return err
	}
	if there, err := os.ReadFile(path); err == nil && len(there) > 0 && there[len(there)-1] != '\n' { //nolint:gosec // the same file
		text = "\n" + text
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// split tells URLs, once each, from lines that are none.
func (q Queue) split(name string, lines []string) (urls, wrong []string) {
	for i, l := range lines {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		u, err := url.Parse(l)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			wrong = append(wrong, fmt.Sprintf("%s:%d: %q should be a URL that begins with http:// or https://", name, i+1, l))
			continue
		}
		urls = append(urls, l)
	}
	return unique(urls), wrong
}

func unique(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// readLines gives the lines of a file; none when it is not there.
func readLines(name string) ([]string, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the project's own file
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil || len(text) == 0:
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
}

// QueueError are lines that stay in the queue.
type QueueError struct{ Refused []string }

func (e *QueueError) orNil() error {
	if len(e.Refused) == 0 {
		return nil
	}
	return e
}

func (e *QueueError) Error() string {
	return fmt.Sprintf("%d lines of the purge queue were not purged and stay in it:\n%s", len(e.Refused), strings.Join(e.Refused, "\n"))
}
