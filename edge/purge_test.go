package edge_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/edge"
	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

func queue(t *testing.T, lines ...string) edge.Queue {
	t.Helper()
	q := edge.Queue{Path: filepath.Join(t.TempDir(), "urls.txt"), Zone: cloudflare.Zone}
	if lines != nil {
		put(t, q.Path, strings.Join(lines, "\n")+"\n")
	}
	return q
}

func put(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// left is what is in the queue; "" when there is no file.
func left(t *testing.T, q edge.Queue) string {
	t.Helper()
	text, err := os.ReadFile(q.Path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func urls(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("https://www.example.test/p/%d?a=1&b=<%d>", i, i))
	}
	return all
}

func ignore(int, int) {}

func TestAQueueIsPurgedInBatchesAndEmptied(t *testing.T) {
	s, c := begin(t)
	q := queue(t, append(urls(65), "", "  "+urls(1)[0]+"  ")...) // one stands there twice
	n, err := c.PurgeQueue(t.Context(), q, ignore)
	if err != nil || n != 65 {
		t.Fatalf("%d purged, %v", n, err)
	}
	var sizes []int
	var sent []string
	for _, p := range s.Purges() {
		sizes, sent = append(sizes, len(p.Files)), append(sent, p.Files...)
	}
	if fmt.Sprint(sizes) != "[30 30 5]" {
		t.Errorf("batches of %v", sizes)
	}
	if strings.Join(sent, " ") != strings.Join(urls(65), " ") {
		t.Errorf("sent %q", sent)
	}
	if text := left(t, q); text != "" {
		t.Errorf("left: %q", text)
	}
	if n, err := c.PurgeQueue(t.Context(), q, ignore); n != 0 || err != nil {
		t.Errorf("a queue that is not there: %d, %v", n, err)
	}
}

// Lines that are no URLs and URLs of another zone stay, at their places, and keep
// no good one.
func TestBadLinesStayAndKeepNoGoodOne(t *testing.T) {
	s, c := begin(t)
	list := urls(40)
	list[7], list[33] = "https://www.other.test/x", "/no/host"
	q := queue(t, list...)
	n, err := c.PurgeQueue(t.Context(), q, ignore)
	var bad *edge.QueueError
	if !errors.As(err, &bad) || n != 38 {
		t.Fatalf("%d purged, %v", n, err)
	}
	for _, want := range []string{"urls.txt:34: \"/no/host\" should be a URL", "purge https://www.other.test/x: Cloudflare answers 400: Unable to purge"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if len(bad.Refused) != 2 {
		t.Errorf("%d lines are told, of two", len(bad.Refused))
	}
	if text := left(t, q); text != "https://www.other.test/x\n/no/host\n" {
		t.Errorf("left: %q", text)
	}
	purged := 0
	for _, p := range s.Purges() {
		purged += len(p.Files)
	}
	if purged != 38 {
		t.Errorf("%d URLs were purged", purged)
	}
}

// What the API did not get to stays, and so does what was added meanwhile.
func TestLinesThatWereNotAcceptedOrCameMeanwhileStay(t *testing.T) {
	s, c := begin(t)
	q := queue(t, urls(70)...)
	n, err := c.PurgeQueue(t.Context(), q, func(done, _ int) {
		if done == 30 {
			put(t, q.Path, "https://www.example.test/late\n")
			s.Fail(cloudflare.Fault{TooMany: "99"})
		}
	})
	var e *edge.Error
	if !errors.As(err, &e) || e.Kind != edge.KindRateLimited || n != 30 {
		t.Fatalf("%d purged, %v", n, err)
	}
	want := "https://www.example.test/late\n" + strings.Join(urls(70)[30:], "\n") + "\n"
	if text := left(t, q); text != want {
		t.Errorf("left:\n%s\nwanted:\n%s", text, want)
	}
	if n, err := c.PurgeQueue(t.Context(), q, ignore); n != 41 || err != nil {
		t.Errorf("then %d were purged, %v", n, err)
	}
}

// A program may end its last line later, or never.
func TestWhatIsGivenBackBeginsALine(t *testing.T) {
	_, c := begin(t)
	q := queue(t, append(urls(30), "/no/host")...)
	_, err := c.PurgeQueue(t.Context(), q, func(int, int) { put(t, q.Path, "https://www.example.test/late") })
	var bad *edge.QueueError
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	if text := left(t, q); text != "https://www.example.test/late\n/no/host\n" {
		t.Errorf("left: %q", text)
	}
}

// A run that died has left the queue renamed.
func TestWhatADeadRunLeftIsTakenUp(t *testing.T) {
	_, c := begin(t)
	q := queue(t, urls(2)...)
	put(t, q.Path+".purging", "https://www.example.test/old\n")
	if p, err := q.Pending(); err != nil || len(p) != 3 {
		t.Errorf("pending %q, %v", p, err)
	}
	if n, err := c.PurgeQueue(t.Context(), q, ignore); n != 3 || err != nil {
		t.Fatalf("%d purged, %v", n, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(q.Path)); err != nil || len(entries) != 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// A rate limit that passes is waited for.
func TestARateLimitIsWaitedFor(t *testing.T) {
	s, c := begin(t)
	s.LimitPurges(1)
	q := queue(t, urls(31)...)
	if n, err := c.PurgeQueue(t.Context(), q, ignore); n != 31 || err != nil {
		t.Fatalf("%d purged, %v", n, err)
	}
	if r := s.Requests(); len(r) != 3 || r[1].Status != 429 {
		t.Errorf("requests %v", r)
	}
}

// A queue that can't be read is an error, and stays: it is not an empty one.
func TestAQueueThatCannotBeReadStays(t *testing.T) {
	_, c := begin(t)
	q := queue(t)
	if err := os.Mkdir(q.Path, 0o700); err != nil { // as good as a file that others may not read
		t.Fatal(err)
	}
	if list, err := q.Pending(); err == nil {
		t.Errorf("pending: %v", list)
	}
	if n, err := c.PurgeQueue(t.Context(), q, ignore); err == nil {
		t.Errorf("%d purged", n)
	}
	if !q.Waits() {
		t.Error("the queue is gone")
	}
}
