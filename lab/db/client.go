package db

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client talks to a server at URL. The zero HTTP client is fine.
type Client struct {
	URL  string
	HTTP http.Client
}

// Snapshot is everything that the server knows.
func (c *Client) Snapshot(ctx context.Context) (Snapshot, error) {
	var s Snapshot
	_, err := c.do(ctx, "GET", "/snapshot", nil, &s)
	return s, err
}

// Reset forgets all records and faults.
func (c *Client) Reset(ctx context.Context) error { return c.send(ctx, "POST", "/reset", nil) }

// SetFaults replaces the faults.
func (c *Client) SetFaults(ctx context.Context, f Faults) error {
	return c.send(ctx, "PUT", "/faults", f)
}

// Record adds an event of p.
func (c *Client) Record(ctx context.Context, p Process, kind, detail string) error {
	return c.send(ctx, "POST", "/events", Event{Process: p, Kind: kind, Detail: detail})
}

// Migrate runs a migration, however long it takes; its failure is the error.
func (c *Client) Migrate(ctx context.Context, p Process) error {
	return c.send(ctx, "POST", "/migrations", p)
}

// Enqueue adds a job of that length.
func (c *Client) Enqueue(ctx context.Context, length time.Duration) (Job, error) {
	var j Job
	_, err := c.do(ctx, "POST", "/jobs", Job{Length: length}, &j)
	return j, err
}

// Take asks for a job; ok is false when there is none.
func (c *Client) Take(ctx context.Context, p Process) (j Job, ok bool, err error) {
	status, err := c.do(ctx, "POST", "/take", p, &j)
	return j, status == http.StatusOK, err
}

// Finish ends a taken job as "done" or gives it back as "queued".
func (c *Client) Finish(ctx context.Context, p Process, id int, state string) error {
	return c.send(ctx, "POST", fmt.Sprintf("/jobs/%d/%s", id, state), p)
}

// Enter says that worker p is now fetching, quiet or stopped.
func (c *Client) Enter(ctx context.Context, p Process, state string) error {
	return c.send(ctx, "POST", "/workers/"+state, p)
}

func (c *Client) send(ctx context.Context, method, path string, body any) error {
	_, err := c.do(ctx, method, path, body, nil)
	return err
}

func (c *Client) do(ctx context.Context, method, path string, body, into any) (int, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("lab database %s: %w", path, err)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, bytes.NewReader(text))
	if err != nil {
		return 0, fmt.Errorf("lab database: %w", err)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return 0, fmt.Errorf("lab database: %w", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, fmt.Errorf("lab database %s: %w", path, err)
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("lab database %s: %s: %s", path, resp.Status, strings.TrimSpace(string(data)))
	}
	if into == nil || resp.StatusCode == http.StatusNoContent {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.Unmarshal(data, into)
}
