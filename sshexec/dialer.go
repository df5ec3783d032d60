package sshexec

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Dialer opens and keeps one connection per host for a whole run. Make one with
// New, and Close it at the end. It is safe for several goroutines.
type Dialer struct {
	opts Options
	keys keyStore

	readConfig sync.Once
	directives []directive
	configErr  error

	unlocking sync.Mutex
	unlocked  map[string]ssh.Signer

	mu     sync.Mutex
	hosts  map[string]*entry
	hops   map[string]*entry
	gates  map[string]chan struct{}
	warned map[string]bool
	starts chan struct{}
}

// entry holds the one connection to a host; turn admits one dialling goroutine.
type entry struct {
	turn   chan struct{}
	client *Client
}

// New makes a Dialer. Nothing is read or dialled yet.
func New(o Options) *Dialer {
	o = o.withDefaults()
	return &Dialer{
		opts: o, unlocked: map[string]ssh.Signer{}, hosts: map[string]*entry{}, hops: map[string]*entry{},
		gates: map[string]chan struct{}{}, warned: map[string]bool{}, starts: make(chan struct{}, o.MaxConcurrentStarts),
	}
}

// Dial gives the connection to host, opening it on first use or after Close. One
// that was lost is given back as it is, and its calls fail with ErrLost. Errors
// are *ConnectError.
func (d *Dialer) Dial(ctx context.Context, host string) (*Client, error) {
	return d.dialEntry(ctx, d.hosts, host, (*Client).isClosed, func() (*Client, error) {
		return d.open(ctx, host)
	})
}

// dialHop gives the shared connection to a jump host. Nothing is written there,
// so a lost one is replaced.
func (d *Dialer) dialHop(ctx context.Context, chain string, open func() (*Client, error)) (*Client, error) {
	return d.dialEntry(ctx, d.hops, chain, func(c *Client) bool { return c.lostNow() != nil }, open)
}

func (d *Dialer) dialEntry(ctx context.Context, in map[string]*entry, key string, stale func(*Client) bool, open func() (*Client, error)) (*Client, error) {
	d.mu.Lock()
	e := in[key]
	if e == nil {
		e = &entry{turn: make(chan struct{}, 1)}
		in[key] = e
	}
	d.mu.Unlock()
	if err := take(ctx, e.turn); err != nil {
		return nil, cancelled(key, err)
	}
	defer free(e.turn)
	if e.client != nil {
		if !stale(e.client) {
			return e.client, nil
		}
		if err := e.client.Close(); err != nil && !errors.Is(err, ErrLost) {
			d.opts.Warn(fmt.Sprintf("closing the connection to %s: %v", key, err))
		}
		e.client = nil
	}
	c, err := open()
	if err != nil {
		return nil, err
	}
	e.client = c
	return c, nil
}

// Close closes every connection, jump hosts last. Dialling must have ended.
func (d *Dialer) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, group := range []map[string]*entry{d.hosts, d.hops} {
		for _, e := range group {
			if e.client != nil {
				errs = append(errs, e.client.Close())
			}
		}
		clear(group)
	}
	return errors.Join(errs...)
}

// config reads ssh_config once.
func (d *Dialer) config() ([]directive, error) {
	d.readConfig.Do(func() {
		if d.opts.ConfigOff {
			return
		}
		r := configReader{home: d.opts.HomeDir, warn: d.warnOnce}
		if files := d.opts.ConfigFiles; len(files) > 0 {
			paths := make([]string, len(files))
			for i, f := range files {
				paths[i] = d.path(f, nil)
			}
			d.directives, d.configErr = r.readAll(paths, true)
			return
		}
		d.directives, d.configErr = r.readAll(d.usualConfig(), false)
	})
	if d.configErr != nil {
		return nil, fmt.Errorf("ssh_config: %w", d.configErr)
	}
	return d.directives, nil
}

func (d *Dialer) usualConfig() []string {
	var files []string
	if d.opts.HomeDir != "" {
		files = append(files, filepath.Join(d.opts.HomeDir, ".ssh", "config"))
	}
	files = append(files, "/etc/ssh_config", "/etc/ssh/ssh_config")
	if d.opts.WorkDir != "" {
		files = append(files, filepath.Join(d.opts.WorkDir, ".ssh", "config"))
	}
	return files
}

// warnOnce passes a warning on the first time: ssh_config is walked per host.
func (d *Dialer) warnOnce(msg string) {
	d.mu.Lock()
	seen := d.warned[msg]
	d.warned[msg] = true
	d.mu.Unlock()
	if !seen {
		d.opts.Warn(msg)
	}
}

// gate bounds handshakes in flight with one sshd or through one jump host.
func (d *Dialer) gate(key string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gates[key] == nil {
		d.gates[key] = make(chan struct{}, d.opts.MaxPerGate)
	}
	return d.gates[key]
}

func take(ctx context.Context, sem chan struct{}) error {
	select {
	case sem <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func free(sem chan struct{}) { <-sem }

func cancelled(host string, err error) error {
	return &ConnectError{Host: host, Kind: KindCancelled, Detail: "stopped before it was connected: " + err.Error(), Err: err}
}
