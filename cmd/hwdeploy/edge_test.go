package main

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/edge"
	"github.com/warmlyyours/hwdeploy/edge/mistake"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

// clouds are the stand-ins of the scripts that run.
var clouds sync.Map

// standIn begins the stand-in for Cloudflare, which a script then talks to, and
// checks what it was sent: `cloudflare start`, `cloudflare writes N`, which
// forgets them, and `cloudflare limit N` for N more purges before a 429.
func standIn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: cloudflare start | writes N | limit N")
	}
	if args[0] == "start" {
		s, err := cloudflare.Start("cf-token-of-the-lab")
		ts.Check(err)
		ts.Defer(func() { ts.Check(s.Close()) })
		ca := ts.MkAbs("ca.pem")
		ts.Check(os.WriteFile(ca, s.CA, 0o600))
		ts.Setenv("CLOUDFLARE_BASE_URL", s.URL)
		ts.Setenv("SSL_CERT_FILE", ca)
		clouds.Store(ts, s)
		return
	}
	v, _ := clouds.Load(ts)
	s := v.(*cloudflare.Server)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	if args[0] == "limit" {
		s.LimitPurges(n)
		return
	}
	var all []string
	for _, r := range s.Writes() {
		all = append(all, r.Method+" "+r.Path)
	}
	if len(all) != n {
		ts.Fatalf("%d writes, wanted %d:\n%s", len(all), n, strings.Join(all, "\n"))
	}
	s.Forget()
}

// After the swap the new version serves: whatever Cloudflare says, the run failed
// and no more. Before it, or without one, a refused token is a refusal.
func TestExitCodesOfTheEdge(t *testing.T) {
	refused := &edge.Error{Kind: edge.KindAuth}
	for _, c := range []struct {
		err  error
		want int
	}{
		{refused, 4},
		{&edge.Error{Kind: edge.KindUnreachable}, 4},
		{&edge.Error{Kind: edge.KindRateLimited}, 1},
		{mistake.List{{File: "a.csv", Line: 1}}, 3},
		{&deploy.Failure{Live: true, Err: errors.Join(refused, mistake.List{{File: "a.csv"}})}, 1},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: exit %d, wanted %d", c.err, got, c.want)
		}
	}
}

// The queue lies where the command line was given: a worktree that is shipped has
// none.
func TestTheQueueIsNotTheWorktrees(t *testing.T) {
	cfg := &config.Config{Extension: config.Extension{Edge: &config.Edge{PurgeQueue: "tmp/urls.txt", Zone: "z"}}}
	s := &edgeSteps{world: &world{Dir: "/tree", Start: "/here"}, cfg: cfg}
	if q := s.queue(); q.Path != "/here/tmp/urls.txt" || q.Zone != "z" {
		t.Errorf("the queue is %+v", q)
	}
}

// A token is needed only for what is going to be done.
func TestNoTokenForNothing(t *testing.T) {
	cfg := &config.Config{Extension: config.Extension{Edge: &config.Edge{Token: "T"}}}
	s := &edgeSteps{world: &world{}, cfg: cfg} // a look-up would panic
	if err := s.Check(t.Context(), deploy.Extras{NoPurge: true}); err != nil {
		t.Error(err)
	}
}
