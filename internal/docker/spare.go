package docker

import (
	"context"
	"net"
	"sync"
)

// Spares wraps a dial function so that streams stand open in advance: a call
// that needs a new one (an exec, the second of two calls at once) then costs no
// round trip for opening it.
type Spares struct {
	dial  DialFunc
	ready chan net.Conn
	ctx   context.Context //nolint:containedctx // the life of the spares, not of a call
	stop  context.CancelFunc
	wg    sync.WaitGroup
}

// NewSpares begins to open n streams at once. Close them.
func NewSpares(ctx context.Context, dial DialFunc, n int) *Spares {
	s := &Spares{dial: dial, ready: make(chan net.Conn, n)}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	for range n {
		s.fill()
	}
	return s
}

// fill opens one more in the background; a failure shows itself to whoever
// dials.
func (s *Spares) fill() {
	s.wg.Go(func() {
		conn, err := s.dial(s.ctx)
		if err != nil {
			return
		}
		select {
		case s.ready <- conn:
		default:
			conn.Close() //nolint:errcheck,gosec // one too many
		}
	})
}

// Dial is a DialFunc: a spare where there is one, else a new stream.
func (s *Spares) Dial(ctx context.Context) (net.Conn, error) {
	select {
	case conn := <-s.ready:
		if s.ctx.Err() == nil {
			s.fill()
		}
		return conn, nil
	default:
		return s.dial(ctx)
	}
}

// Close closes the spares and waits for those being opened.
func (s *Spares) Close() {
	s.stop()
	s.wg.Wait()
	for {
		select {
		case conn := <-s.ready:
			conn.Close() //nolint:errcheck,gosec // nothing was said on it
		default:
			return
		}
	}
}
