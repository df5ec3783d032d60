// Package deploy is where the others meet: it observes hosts, asks package plan
// what to do, executes the steps, and undoes them when something fails.
//
// Laws:
//   - execution decides nothing; what needs a decision is in the plan;
//   - nothing is written on a host before its guard holds it, and no write
//     reconnects: a cut connection is the end of the run on that host;
//   - undo runs newest first on every host, under a deadline of its own, and its
//     result is reported beside the first error;
//   - Kamal's lock is freed by whoever took it, also when the run is cancelled;
//     the guard (guard.sh) frees it when this process is gone;
//   - it prints nothing: events go to a Sink.
//
// Sources: https://github.com/basecamp/kamal (the order of a deploy),
// https://github.com/basecamp/kamal-proxy (what a deploy of a target means).
package deploy

import (
	"context"
	"io"
	"io/fs"
	"net"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Host is one connected host. Closing it ends everything that runs over it.
type Host interface {
	run.Runner
	Name() string
	// Start begins a long-lived command whose stdin stays open.
	Start(ctx context.Context, line string) (Session, error)
	// Upload writes a file atomically; its mode is set before its content.
	Upload(ctx context.Context, path string, content []byte, mode fs.FileMode) error
	// DialTCP opens a stream from the host to an address it can reach.
	DialTCP(ctx context.Context, address string) (net.Conn, error)
	// ListenTCP makes the host listen and hands its connections over.
	ListenTCP(ctx context.Context, address string) (net.Listener, error)
	Docker() *docker.Client
	Close() error
}

// Session is a running command on a host.
type Session interface {
	Stdin() io.WriteCloser
	Stdout() io.Reader
	Close() error
}

// Secrets resolves names. Every lookup of a run answers from one resolution.
type Secrets interface {
	Lookup(ctx context.Context, name string) (secret.Secret, error)
	All(ctx context.Context) ([]NamedSecret, error)
}

// NamedSecret is one entry of the secrets files.
type NamedSecret struct {
	Name  string
	Value secret.Secret
}

// Hooks runs the user's hook files.
type Hooks interface {
	Exists(name string) bool
	Run(ctx context.Context, name string, env []string, secrets []NamedSecret, output func(stream, text string)) error
}

// Registry is what a deploy asks of the image registry.
type Registry interface {
	// Login checks the credentials.
	Login(ctx context.Context) error
	// Look tells what a tag of the repository stands for, and its service label.
	Look(ctx context.Context, tag string) (made image.Made, serviceLabel string, err error)
	// Auth is the credential in the engine's encoding, for pulls; zero before the
	// first question.
	Auth() secret.Secret
}

// Builder brings the image of a version into the registry.
type Builder interface {
	// Check refuses a builder section that can't be carried out; it asks nobody.
	Check() error
	Make(ctx context.Context, o image.Options) (image.Made, error)
	// StartRegistry makes Kamal's local registry run.
	StartRegistry(ctx context.Context) error
	// Export puts it elsewhere, and tells where.
	Export(ctx context.Context, o image.ExportOptions) (string, error)
}

// Person is who deploys, for lock and audit lines.
type Person struct {
	LockName  string // git config user.name
	Performer string // git config user.email, else the login name
}

// Engine runs commands of one configuration. Make one per process.
type Engine struct {
	Config    *config.Config
	Selection *config.Selection
	Dial      func(ctx context.Context, host string) (Host, error)
	Secrets   Secrets
	Hooks     Hooks
	Registry  Registry
	Builder   Builder
	Assets    *Assets // nil = none
	Edge      Edge    // nil = none
	Person    Person
	Sink      event.Sink
	Now       func() time.Time
	RunID     string // 16 hex digits
	Pages     fs.FS  // the folder of error pages
	// LocalFile reads a file of the project, relative to it or absolute; a
	// template is rendered with environ (KEY=VALUE) as all that it sees.
	LocalFile func(ctx context.Context, path string, template bool, environ []string) ([]byte, error)
	// AccessoryAuth is the credential, in the engine's encoding, that an
	// accessory's image is pulled with; zero = none.
	AccessoryAuth func(ctx context.Context, a *config.Accessory) (secret.Secret, error)
	// LockHeld tells that KAMAL_LOCK=true came in: neither taken nor freed.
	LockHeld bool
	// SecretsAside tells that nobody has to be asked for the secrets: they are
	// resolved while the hosts are connected.
	SecretsAside bool
	Env          Environment
	// Choose asks a person which version to roll back to; nil = nobody is there.
	Choose func(ctx context.Context, choices []VersionChoice) (string, error)
	// CompareEnv lets plans say which variables change.
	CompareEnv bool
	// Around, when set, is called for every step of a rollout and runs it, once or
	// more often: a step is the same whether it runs once or twice.
	Around func(s plan.Step, run func() error) error

	hosts map[string]Host
}

// Environment is what hooks are told about the command line.
type Environment struct {
	Command    string // outermost command
	Subcommand string
	Roles      string // only with --roles
}

// grace is how long unlock and goodbye may take; for undo see undoTime.
const grace = 2 * time.Minute
