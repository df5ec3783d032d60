package sshexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// defaultSocket is where the Docker CLI looks when nothing says otherwise:
// https://docs.docker.com/reference/cli/docker/#environment-variables
const defaultSocket = "/var/run/docker.sock"

// maxStdio is how many `docker system dial-stdio` run at once: each holds one of
// sshd's sessions, of which there are 10 by default.
const maxStdio = 8

// endpointScript prints the endpoint that the host's own docker CLI uses. The
// CLI is only started where a context may be in play: it takes 50–100 ms.
const endpointScript = `f=${DOCKER_CONFIG:-$HOME/.docker}/config.json
if [ -n "$DOCKER_HOST" ]; then echo "$DOCKER_HOST"
elif [ -n "$DOCKER_CONTEXT" ] || grep -q currentContext "$f" 2>/dev/null; then docker context inspect --format '{{.Endpoints.docker.Host}}'
else echo unix://` + defaultSocket + `; fi`

// dockerDialer remembers how the host's Docker is reached.
type dockerDialer struct {
	c     *Client
	stdio chan struct{}

	spares sparePool

	mu       sync.Mutex
	endpoint string
	asking   *question
	viaStdio bool
	closers  sync.WaitGroup
}

func (d *dockerDialer) init(c *Client) {
	d.c, d.stdio = c, make(chan struct{}, maxStdio)
	d.spares.want = c.d.opts.DockerSpares
}

// close ends spare connections and waits for those that are being closed.
func (d *dockerDialer) close() {
	d.spares.close()
	d.closers.Wait()
}

// DialDocker connects to the Docker Engine that the host's own CLI uses: through
// its unix socket, or where sshd forbids that through `docker system dial-stdio`
// on a second connection. When neither works the error has the text of `docker
// version` on the host.
func (c *Client) DialDocker(ctx context.Context) (net.Conn, error) {
	conn, err := c.DialDockerEarly(ctx)
	g, guessed := conn.(*guess)
	if err != nil || !guessed {
		return conn, err
	}
	if err := g.question.wait(ctx); err != nil {
		closeQuietly(conn)
		return nil, fmt.Errorf("docker on %s: %w", c.t.alias, err)
	}
	if g.question.right() {
		return g.Conn, nil
	}
	closeQuietly(conn)
	return c.DialDockerEarly(ctx)
}

// DialDockerEarly is DialDocker without the wait for the host's word on which
// socket that is; see guess. It saves a first question a round trip.
func (c *Client) DialDockerEarly(ctx context.Context) (net.Conn, error) {
	d := &c.docker
	if d.knownStdio() {
		return d.dialStdio(ctx)
	}
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("docker on %s: %w", c.t.alias, err)
	}
	if conn := d.spares.take(time.Now()); conn != nil {
		d.refill(ctx)
		return conn, nil
	}
	conn, err := d.dialSocket(ctx)
	var re *RefusedError
	if err == nil {
		d.refill(ctx)
		return conn, nil
	}
	if !errors.As(err, &re) && !errors.Is(err, errNoSocket) {
		return nil, err
	}
	if perr := d.ping(ctx); perr != nil {
		return nil, perr
	}
	d.mu.Lock()
	d.viaStdio = true
	d.mu.Unlock()
	return d.dialStdio(ctx)
}

// refill opens spares in the background; it outlives the dial that caused it, and
// ends with the connection.
func (d *dockerDialer) refill(ctx context.Context) {
	if d.c.lostNow() != nil || !d.spares.begin() {
		return
	}
	d.closers.Go(func() { d.spares.fill(context.WithoutCancel(ctx), d.dialKnown) })
}

func (d *dockerDialer) knownStdio() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.viaStdio
}

// errNoSocket is an endpoint that only the host's CLI can reach.
var errNoSocket = errors.New("the host's docker is not on a unix socket")

// dialSocket opens the socket. Until the host has said which one that is it opens
// the default one, which mostly is right, and gives a guess.
func (d *dockerDialer) dialSocket(ctx context.Context) (net.Conn, error) {
	if path, err, ok := d.known(); ok {
		return d.open(ctx, path, err)
	}
	q := d.question(ctx)
	conn, err := d.c.DialUnix(ctx, defaultSocket)
	if err == nil {
		return &guess{Conn: conn, question: q}, nil
	}
	if werr := q.wait(ctx); werr != nil {
		return nil, fmt.Errorf("docker on %s: %w", d.c.t.alias, werr)
	}
	if q.right() {
		return nil, err
	}
	return d.dialKnown(ctx)
}

// dialKnown opens the socket that the host named.
func (d *dockerDialer) dialKnown(ctx context.Context) (net.Conn, error) {
	path, err, ok := d.known()
	if !ok {
		if err := d.question(ctx).wait(ctx); err != nil {
			return nil, err
		}
		path, err, _ = d.known()
	}
	return d.open(ctx, path, err)
}

func (d *dockerDialer) open(ctx context.Context, path string, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	return d.c.DialUnix(ctx, path)
}

// known gives the socket, once asked for.
func (d *dockerDialer) known() (path string, err error, ok bool) { //nolint:revive // the error is a value here
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.endpoint == "" {
		return "", nil, false
	}
	path, unix := strings.CutPrefix(d.endpoint, "unix://")
	if !unix {
		return "", errNoSocket, true
	}
	return path, nil, true
}

// question asks the host where its Docker is, once for all who want to know. It
// outlives the dial that caused it, and ends with the connection.
func (d *dockerDialer) question(ctx context.Context) *question {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asking == nil {
		q := &question{answered: make(chan struct{})}
		d.asking = q
		d.closers.Go(func() { d.ask(context.WithoutCancel(ctx), q) })
	}
	return d.asking
}

// ask keeps the answer; a question that failed is asked again by the next dial.
func (d *dockerDialer) ask(ctx context.Context, q *question) {
	defer close(q.answered)
	res, err := d.c.Run(ctx, run.Cmd{Name: "looking for docker's socket", Line: script(endpointScript)})
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		q.err, d.asking = err, nil
		return
	}
	q.endpoint = strings.TrimSpace(res.Stdout)
	if q.endpoint == "" {
		q.endpoint = "unix://" + defaultSocket
	}
	d.endpoint = q.endpoint
}

// ping gets the host CLI's own words about why Docker can't be reached.
func (d *dockerDialer) ping(ctx context.Context) error {
	_, err := d.c.Run(ctx, run.Cmd{Name: "docker version", Line: "docker version --format '{{.Server.Version}}'"})
	var exit *run.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	text := strings.TrimSpace(exit.Stderr)
	if text == "" {
		text = strings.TrimSpace(exit.Stdout)
	}
	return &RefusedError{Host: d.c.t.alias, What: "connection to Docker", Detail: text,
		Hint: fmt.Sprintf("check `docker version` as %s on the host", d.c.t.user)}
}

// dialStdio speaks to Docker through a session, of a second connection so that
// commands keep theirs.
func (d *dockerDialer) dialStdio(ctx context.Context) (net.Conn, error) {
	if err := take(ctx, d.stdio); err != nil {
		return nil, fmt.Errorf("docker on %s: %w", d.c.t.alias, err)
	}
	conn, err := d.startStdio(ctx)
	if err != nil {
		free(d.stdio)
	}
	return conn, err
}

func (d *dockerDialer) startStdio(ctx context.Context) (net.Conn, error) {
	c, err := d.c.sibling(ctx)
	if err != nil {
		return nil, err
	}
	// The connection outlives the dialling.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	s, err := c.Start(own, "exec docker system dial-stdio")
	stop()
	if err != nil {
		cancel()
		return nil, err
	}
	st := &stdioStream{s: s, cancel: cancel, d: d}
	return newConn(st, c.lost, c.conn.LocalAddr(), &net.UnixAddr{Name: "docker system dial-stdio", Net: "unix"}), nil
}

// stdioStream is a session's stdin and stdout as one stream.
type stdioStream struct {
	s      *Session
	cancel context.CancelFunc
	d      *dockerDialer
}

// Read turns the end of a command that failed into its error.
func (st *stdioStream) Read(p []byte) (int, error) {
	n, err := st.s.Stdout.Read(p)
	if errors.Is(err, io.EOF) {
		if text := strings.TrimSpace(st.s.Stderr()); text != "" {
			err = fmt.Errorf("docker system dial-stdio on %s: %s", st.d.c.t.alias, text)
		}
	}
	return n, err
}

func (st *stdioStream) Write(p []byte) (int, error) { return st.s.Stdin.Write(p) }
func (st *stdioStream) CloseWrite() error           { return st.s.Stdin.Close() }

// Close ends the command in the background.
func (st *stdioStream) Close() error {
	st.d.closers.Go(func() {
		defer free(st.d.stdio)
		defer st.cancel()
		if err := st.s.Close(); err != nil && st.d.c.lostNow() == nil {
			st.d.c.d.opts.Warn(err.Error())
		}
	})
	return nil
}
