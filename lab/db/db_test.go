package db

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T) *Client {
	t.Helper()
	s := httptest.NewServer(New())
	t.Cleanup(s.Close)
	return &Client{URL: s.URL}
}

func snapshot(t *testing.T, c *Client) Snapshot {
	t.Helper()
	s, err := c.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func kinds(s Snapshot) string {
	var out []string
	for _, e := range s.Events {
		out = append(out, e.Host+" "+e.Kind)
	}
	return strings.Join(out, ", ")
}

func TestMigrations(t *testing.T) {
	c, p := start(t), Process{Host: "h", Version: "v1", Start: "7"}
	if err := c.Migrate(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := c.SetFaults(t.Context(), Faults{MigrateFail: true, MigrateDelay: 30 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if err := c.Migrate(t.Context(), p); err == nil || !strings.Contains(err.Error(), "failed as asked") {
		t.Errorf("to fail: %v", err)
	}
	s := snapshot(t, c)
	if len(s.Migrations) != 2 || s.Migrations[0].Error != "" || s.Migrations[0].Process != p {
		t.Fatalf("%+v", s.Migrations)
	}
	if m := s.Migrations[1]; m.Error == "" || m.Ended.Sub(m.Started) < 30*time.Millisecond {
		t.Errorf("%+v", m)
	}
	if got := kinds(s); got != "h migrate, h migrate" {
		t.Error(got)
	}
}

func TestInterruptedMigrationIsRecorded(t *testing.T) {
	c := start(t)
	if err := c.SetFaults(t.Context(), Faults{MigrateDelay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Migrate(ctx, Process{Host: "h"}); err == nil {
		t.Fatal("it ended")
	}
	deadline := time.Now().Add(5 * time.Second)
	for len(snapshot(t, c).Migrations) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("no record")
		}
	}
	if m := snapshot(t, c).Migrations[0]; m.Error != "interrupted" {
		t.Errorf("%+v", m)
	}
}

func TestJobsAndWorkers(t *testing.T) {
	c, ctx := start(t), t.Context()
	a, b := Process{Host: "a", Start: "1"}, Process{Host: "b", Start: "2"}
	if _, ok, err := c.Take(ctx, a); ok || err != nil {
		t.Fatalf("there is no job: %v, %v", ok, err)
	}
	for range 2 {
		if _, err := c.Enqueue(ctx, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	one, ok, err := c.Take(ctx, a)
	if !ok || err != nil || one.ID != 1 || one.Length != time.Second {
		t.Fatalf("%+v, %v, %v", one, ok, err)
	}
	two, _, err := c.Take(ctx, b)
	if err != nil || two.ID != 2 {
		t.Fatalf("%+v, %v", two, err)
	}
	if _, ok, _ := c.Take(ctx, b); ok {
		t.Error("a job was given twice")
	}
	for _, err := range []error{c.Finish(ctx, a, 1, "done"), c.Finish(ctx, b, 2, "queued"), c.Enter(ctx, b, "quiet")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if c.Finish(ctx, a, 3, "done") == nil || c.Finish(ctx, a, 1, "lost") == nil {
		t.Error("nonsense was taken")
	}
	s := snapshot(t, c)
	if s.Jobs[0].State != "done" || s.Jobs[0].Worker != "a" || s.Jobs[1].State != "queued" {
		t.Errorf("jobs %+v", s.Jobs)
	}
	if f := s.Fetching(); len(f) != 1 || f[0].Host != "a" || f[0].Done != 1 {
		t.Errorf("fetching %+v", f)
	}
	s.Now = s.Now.Add(2 * time.Second)
	if f := s.Fetching(); len(f) != 0 {
		t.Errorf("silent for 2 s, but fetching: %+v", f)
	}
	if got := kinds(s); got != "a worker fetching, b worker fetching, b worker quiet" {
		t.Error(got)
	}
	if err := c.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if s := snapshot(t, c); len(s.Events)+len(s.Jobs)+len(s.Workers)+len(s.Migrations) != 0 {
		t.Errorf("after Reset: %+v", s)
	}
}
