package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// LockFact is the deploy lock as data.
type LockFact struct {
	Host    string `json:"host"`
	Held    bool   `json:"held"`
	By      string `json:"by,omitempty"`
	At      string `json:"at,omitempty"`
	Version string `json:"version,omitempty"`
	Message string `json:"message,omitempty"`
}

// LockFact tells who holds the deploy lock.
func (e *Engine) LockFact(ctx context.Context) (LockFact, error) {
	text, held, err := e.LockStatus(ctx)
	by, at, version, message := kamal.Lock{Text: text}.Parts()
	return LockFact{Host: e.Selection.PrimaryHost, Held: held, By: by, At: at, Version: version, Message: message}, err
}

// LockStatus gives the deploy lock's text; false when it is free.
func (e *Engine) LockStatus(ctx context.Context) (string, bool, error) {
	h, err := e.primary(ctx)
	if err != nil {
		return "", false, err
	}
	res, err := h.Run(ctx, run.Cmd{Name: "look at the lock",
		Line: fmt.Sprintf("if [ -d %[1]s ]; then echo held; cat %[1]s/details 2>/dev/null; else echo free; fi", e.app().LockDir())})
	if err != nil {
		return "", false, err
	}
	word, details, _ := strings.Cut(res.Stdout, "\n")
	return kamal.DecodeLock(details).Text, word == "held", nil
}

// LockRelease removes the lock, whoever holds it, also one that was made only in
// part. False: there was none.
func (e *Engine) LockRelease(ctx context.Context) (bool, error) {
	h, err := e.primary(ctx)
	if err != nil {
		return false, err
	}
	res, err := h.Run(ctx, run.Cmd{Name: "release the lock",
		Line: fmt.Sprintf("if [ -d %[1]s ]; then rm -f %[1]s/details && rm -r %[1]s && echo released; fi", e.app().LockDir())})
	return strings.TrimSpace(res.Stdout) == "released", err
}

// LockAcquire takes the lock by hand, with a message.
func (e *Engine) LockAcquire(ctx context.Context, version, message string) error {
	h, err := e.primary(ctx)
	if err != nil {
		return err
	}
	info := kamal.LockInfo{By: e.Person.LockName, At: e.Now(), Version: version, Message: message}
	_, err = h.Run(ctx, run.Cmd{Name: "acquire the lock", Line: "mkdir -p .kamal && " + e.app().LockLine(kamal.EncodeLock(info))})
	if err == nil {
		return nil
	}
	if text, held, look := e.LockStatus(ctx); look == nil && held {
		l := kamal.Lock{Text: text}
		return &LockedError{Host: h.Name(), Dir: e.app().LockDir(), Lock: l, Manual: !l.Automatic()}
	}
	return err
}

func (e *Engine) primary(ctx context.Context) (Host, error) {
	if err := e.connect(ctx, []string{e.Selection.PrimaryHost}); err != nil {
		return nil, err
	}
	return e.host(e.Selection.PrimaryHost)
}
