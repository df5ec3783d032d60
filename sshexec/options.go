package sshexec

import (
	"context"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Options says how hosts are reached. The zero value of each field means what
// its comment says; New fills the defaults in.
type Options struct {
	// User logs in to every host. Empty = root. With WholeConfig it is only the
	// default where neither the address nor ssh_config names one, and empty means
	// LocalUser.
	User string
	// Port of every host. 0 = 22; see User about WholeConfig.
	Port int
	// WholeConfig honours User and Port of ssh_config, and user@ and :port of the
	// address, as docker does for ssh:// builders. Without it both are ignored:
	// another login folder would be another set of files and another lock.
	WholeConfig bool

	// Proxy is a jump host, or several joined by commas: [user@]host[:port].
	// Jump hosts read ssh_config whole, as with `ssh -J`.
	Proxy string
	// ProxyCommand is used when Proxy is empty; %h, %p, %r, %n are expanded. Both
	// win over ssh_config.
	ProxyCommand string

	// Keys are private key files, tried before those of ssh_config.
	Keys []string
	// KeysOnly offers configured keys only: of the agent just those too.
	KeysOnly bool
	// KeyData are private keys in PEM form.
	KeyData []secret.Secret

	// ConfigFiles replaces the usual ssh_config files when not empty.
	ConfigFiles []string
	// ConfigOff reads no ssh_config at all.
	ConfigOff bool

	// ForwardAgent offers the agent to remote commands when true. It is off when
	// nil: nothing that hwdeploy runs on hosts needs it, and whoever is root there
	// could use it.
	ForwardAgent *bool

	// KnownHosts are files that decide first; a host that they know is looked up
	// nowhere else. They are never written to.
	KnownHosts []string

	// HomeDir is the user's home (~). Empty = no default keys, no known_hosts.
	HomeDir string
	// WorkDir, when set, adds WorkDir/.ssh/config to the usual ssh_config files.
	WorkDir string
	// LocalUser stands for %u in ssh_config.
	LocalUser string
	// AgentSocket is the value of SSH_AUTH_SOCK. Empty = no agent.
	AgentSocket string
	// Env looks up ${VAR} in ssh_config paths. Nil = every variable is empty.
	Env func(name string) string

	// AskHostKey asks a person whether an unknown key is right. Nil = refuse.
	AskHostKey func(ctx context.Context, q HostKeyQuestion) (bool, error)
	// AskPassphrase asks for the passphrase of a key file. Nil = such keys are
	// only used through the agent.
	AskPassphrase func(ctx context.Context, file string) (secret.Secret, error)
	// Warn gets notes in words (a DNS retry, a line of ssh_config that was left
	// out). It may be called from several goroutines. Nil = dropped.
	Warn func(msg string)

	// ConnectTimeout covers TCP and the key exchange of one try, unless ssh_config
	// has its own. 0 = 30 s.
	ConnectTimeout time.Duration
	// KeepAlive is the interval of keepalives; a connection that missed three is
	// closed. 0 = 30 s, negative = off.
	KeepAlive time.Duration
	// DNSRetries is how often a failed name lookup is tried again. 0 = 3,
	// negative = never.
	DNSRetries int
	// MaxConcurrentStarts bounds connections being opened. 0 = 30.
	MaxConcurrentStarts int
	// MaxPerGate bounds handshakes in flight through one jump host, or with one
	// sshd, whose MaxStartups is 10 by default. 0 = 8.
	MaxPerGate int
	// Spares is how many sessions each connection keeps open in advance. 0 = 2,
	// negative = none.
	Spares int
	// DockerSpares is how many connections to a host's Docker are kept open in
	// advance once it is in use. 0 = 2, negative = none.
	DockerSpares int
	// Grace is how long a cancelled command has between TERM and KILL. 0 = 3 s.
	Grace time.Duration
}

// HostKeyQuestion is what a person has to judge.
type HostKeyQuestion struct {
	Host        string // as it would stand in known_hosts
	Address     string // where it was reached
	KeyType     string // "ssh-ed25519"
	Fingerprint string // "SHA256:…"
	File        string // where the key is noted after yes
}

const keepAliveMisses = 3

func (o Options) withDefaults() Options {
	if o.WholeConfig {
		setDefault(&o.User, o.LocalUser) // ssh's own default
	}
	setDefault(&o.User, "root")
	setDefault(&o.Port, 22)
	setDefault(&o.ConnectTimeout, 30*time.Second)
	setDefault(&o.KeepAlive, 30*time.Second)
	setDefault(&o.DNSRetries, 3)
	setDefault(&o.MaxConcurrentStarts, 30)
	setDefault(&o.MaxPerGate, 8)
	setDefault(&o.Spares, 2)
	setDefault(&o.DockerSpares, 2)
	setDefault(&o.Grace, 3*time.Second)
	o.DNSRetries = max(o.DNSRetries, 0)
	o.Spares = max(o.Spares, 0)
	o.DockerSpares = max(o.DockerSpares, 0)
	if o.Env == nil {
		o.Env = func(string) string { return "" }
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (o Options) forwardAgent() bool { return o.ForwardAgent != nil && *o.ForwardAgent }
