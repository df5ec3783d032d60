package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// connect opens one connection per host, those that are not open yet. It waits
// for all of them and reports every host that cannot be reached.
func (e *Engine) connect(ctx context.Context, names []string) error {
	if e.hosts == nil {
		e.hosts = map[string]Host{}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	failed := map[string]error{}
	asked := map[string]bool{}
	for name := range e.hosts {
		asked[name] = true
	}
	for _, name := range names {
		if asked[name] {
			continue
		}
		asked[name] = true
		wg.Go(func() {
			h, err := e.Dial(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed[name] = err
				return
			}
			e.hosts[name] = h
		})
	}
	wg.Wait()
	if len(failed) > 0 {
		return &ConnectError{Hosts: failed}
	}
	return nil
}

// Close ends every connection.
func (e *Engine) Close() error {
	var errs []error
	for _, h := range e.hosts {
		errs = append(errs, h.Close())
	}
	e.hosts = nil
	if c, ok := e.Hooks.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// host gives a connected host.
func (e *Engine) host(name string) (Host, error) {
	h := e.hosts[name]
	if h == nil {
		return nil, fmt.Errorf("%s is not connected", name)
	}
	return h, nil
}

// each runs f on every host at the same time and gives the errors of all, in the
// order of the names.
func (e *Engine) each(ctx context.Context, names []string, f func(context.Context, Host) error) error {
	var wg sync.WaitGroup
	errs := make([]error, len(names))
	for i, name := range names {
		wg.Go(func() {
			h, err := e.host(name)
			if err == nil {
				err = f(ctx, h)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// ConnectError says which hosts could not be reached, and why each.
type ConnectError struct{ Hosts map[string]error }

func (e *ConnectError) Error() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(e.Hosts)) {
		lines = append(lines, e.Hosts[name].Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the errors of the hosts.
func (e *ConnectError) Unwrap() []error { return slices.Collect(maps.Values(e.Hosts)) }

// ExitCode is 4: unreachable or refused.
func (e *ConnectError) ExitCode() int { return 4 }
