// Package plan decides. It is a pure function from what the configuration asks
// for and what the hosts show to a list of steps: no clock, no randomness, no
// network, no file. The same inputs give the same plan, byte for byte.
//
// Laws:
//   - a step is data that can be written as JSON; whoever executes it decides
//     nothing;
//   - a plan prints one stable line per step (Text);
//   - dependents read an outcome: a step runs when every step of Needs
//     succeeded and, where AnyOf is not empty, at least one of those did;
//   - before a host's switch step every failure leaves the old version serving.
//
// Random parts of names are derived from the run's id (see Nonce), so that they
// too are a function of the input.
package plan

// Kind is what a step does.
type Kind string

// The kinds of steps, in the order in which a deploy meets them.
const (
	Build   Kind = "build"    // image from source, on the builder
	Pull    Kind = "pull"     // image onto one host
	Migrate Kind = "migrate"  // one-off container of the new image
	Quiet   Kind = "quiet"    // workers stop taking jobs
	Hook    Kind = "hook"     // a file of the user's
	Proxy   Kind = "proxy"    // network and kamal-proxy are there
	Prepare Kind = "prepare"  // error pages, assets, certificates
	Create  Kind = "create"   // rename a clash, env file, Kamal's own line, start
	Start   Kind = "start"    // a stopped container, as it is
	Switch  Kind = "switch"   // kamal-proxy deploy, then ask it what it serves
	Ready   Kind = "ready"    // a role without proxy: readiness
	StopOld Kind = "stop-old" // what served before
	Wait    Kind = "wait"     // boot.wait between groups
	Tag     Kind = "tag"      // move latest
	Reap    Kind = "reap"     // stop stale containers
	Tidy    Kind = "tidy"     // asset and error page folders of other versions
	Resume  Kind = "resume"   // quieted workers take jobs again (recover)

	PruneContainers Kind = "prune-containers"
	PruneImages     Kind = "prune-images"

	// Kinds of what a flow does beside the hosts (Plan.WithFlow).
	SyncAssets Kind = "assets"
	Sourcemaps Kind = "sourcemaps"
	Edge       Kind = "edge"

	Accessory Kind = "accessory" // boot, start, stop … of an accessory
	// Kinds of Kamal's other commands.
	Halt    Kind = "stop"    // a role leaves the proxy and stops
	Command Kind = "command" // Kamal's own line on a host
	Routes  Kind = "routes"  // after a restart the proxy serves what it served
)

// Effect says what a step does to the world.
type Effect string

// The effects.
const (
	Read    Effect = "read"
	Write   Effect = "write"
	Lasting Effect = "lasting" // no undo brings it back
)

// Step is one thing to do in one place.
type Step struct {
	ID     string   `json:"id"` // readable: "web/192.0.2.4/switch"
	Kind   Kind     `json:"kind"`
	Host   string   `json:"host,omitempty"` // empty = this machine
	Role   string   `json:"role,omitempty"`
	Needs  []string `json:"needs,omitempty"`
	AnyOf  []string `json:"any_of,omitempty"`
	Title  string   `json:"title"`
	Why    string   `json:"why,omitempty"`
	Effect Effect   `json:"effect"`
	Undo   string   `json:"undo"` // what reverses it, in words, or "none"

	Boot    *Boot     `json:"boot,omitempty"`    // Create, Start, Switch, Ready, StopOld
	Hook    *UserHook `json:"hook,omitempty"`    // Hook
	Quiet   *Workers  `json:"quiet,omitempty"`   // Quiet, Resume
	Prepare *Assets   `json:"prepare,omitempty"` // Prepare
	Migrate *OneOff   `json:"migrate,omitempty"` // Migrate
	Reap    []Ref     `json:"reap,omitempty"`    // Reap
	Tag     *Retag    `json:"tag,omitempty"`     // Tag
	Tidy    *Folders  `json:"tidy,omitempty"`    // Tidy
	Proxy   *ProxyUp  `json:"proxy,omitempty"`   // Proxy
	Prune   *Removal  `json:"prune,omitempty"`   // PruneContainers, PruneImages
	Seconds int       `json:"seconds,omitempty"` // Wait

	Accessory *AccessoryDo `json:"accessory,omitempty"` // Accessory
	Stop      *Ending      `json:"stop,omitempty"`      // Halt
	Line      string       `json:"line,omitempty"`      // Command
	Routes    []string     `json:"routes,omitempty"`    // Routes: services
	// Audit is written to the host's audit log before the step.
	Audit []string `json:"audit,omitempty"`
}

// Plan is the steps in an order that respects Needs.
type Plan struct {
	Command string `json:"command"`
	Version string `json:"version"`
	Steps   []Step `json:"steps"`
	// Returns says per host how it would come back to what served.
	Returns []Return `json:"returns,omitempty"`
	// Notes are lines a reader should know: what would return how, what lasts.
	Notes []string `json:"notes,omitempty"`
}

// Ref names a container.
type Ref struct {
	ID      string `json:"id"` // 64 digits
	Name    string `json:"name"`
	Version string `json:"version"`
	// StopTimeout is for containers that are stopped: seconds, nil = docker's own.
	StopTimeout *int `json:"stop_timeout,omitempty"`
}

// Boot is one role's container on one host: what it becomes and what it replaces.
type Boot struct {
	Role      string  `json:"role"`
	Version   string  `json:"version"`
	Container string  `json:"container"`          // the name of the new one
	Existing  string  `json:"existing,omitempty"` // id of a container that is started as it is
	Rename    *Rename `json:"rename,omitempty"`
	EnvPath   string  `json:"env_path"`
	// Line is Kamal's own docker run line with `docker create`.
	Line string `json:"line"`
	Old  *Ref   `json:"old,omitempty"` // what serves now; nil on a first boot
	// Service is the proxy service; empty = not behind the proxy.
	Service string `json:"service,omitempty"`
	// Target, with the container's short id in front, is what the proxy is given.
	Port int `json:"port,omitempty"`
	// OldTarget is what the proxy serves now ("1f0e…:80"); empty = nothing.
	OldTarget   string `json:"old_target,omitempty"`
	StopTimeout *int   `json:"stop_timeout,omitempty"` // seconds; nil = docker's own
	LineHash    string `json:"line_hash"`              // of Line without its random part
	// Env is how the variables change; nil = not at all, or not asked for.
	Env     *EnvChange `json:"env,omitempty"`
	Digests *Digests   `json:"digests"`
}

// Rename moves a container that has the new one's name out of the way.
type Rename struct {
	ID   string `json:"id"`
	From string `json:"from"` // version
	To   string `json:"to"`   // version
}

// UserHook is a hook of the user's.
type UserHook struct {
	Name  string   `json:"name"`
	Hosts []string `json:"hosts"`
}

// Workers are the containers of a host that are told to stop taking jobs.
type Workers struct {
	Containers []Ref  `json:"containers"`
	Signal     string `json:"signal"`
	MaxSeconds int    `json:"max_seconds"`
}

// Assets is what must lie on a host before any container is created.
type Assets struct {
	Roles      []RoleAssets `json:"roles,omitempty"`
	ErrorPages bool         `json:"error_pages,omitempty"`
	TLSRoles   []string     `json:"tls_roles,omitempty"`
}

// RoleAssets is asset bridging for one role.
type RoleAssets struct {
	Role string `json:"role"`
	Old  string `json:"old,omitempty"` // version that serves now
}

// OneOff is a migrate run.
type OneOff struct {
	Role    string `json:"role"`
	Version string `json:"version"`
	Cmd     string `json:"cmd"`
	Name    string `json:"name"` // of the container
}

// Retag moves the latest tag of a host.
type Retag struct {
	Image  string `json:"image"`
	Latest string `json:"latest"`
	Old    string `json:"old,omitempty"` // image id that had the tag
}

// Folders are those of a host of which only the new version's stay.
type Folders struct {
	Assets     []string `json:"assets,omitempty"` // roles
	ErrorPages bool     `json:"error_pages,omitempty"`
}

// Removal is what is taken away.
type Removal struct {
	Containers []Ref    `json:"containers,omitempty"`
	Tags       []string `json:"tags,omitempty"`
	Dangling   bool     `json:"dangling,omitempty"` // the service's untagged images too
}

// Ending is how a role ends on a host.
type Ending struct {
	Service     string `json:"service,omitempty"` // to leave the proxy; empty = not on it
	Containers  []Ref  `json:"containers,omitempty"`
	StopTimeout *int   `json:"stop_timeout,omitempty"` // seconds; nil = docker's own
}

// ProxyUp is how kamal-proxy comes up.
type ProxyUp struct {
	Network bool `json:"network,omitempty"` // the network has to be made
	Start   bool `json:"start,omitempty"`   // the container exists and is stopped
	Run     bool `json:"run,omitempty"`     // there is no container
}

// Doing says in a few words what the step does, where Title holds a whole line
// for a shell.
func (s Step) Doing() string {
	if s.Kind == Create && s.Boot != nil {
		return "create and start " + s.Boot.Container
	}
	return s.Title
}

// Find gives the step with that id.
func (p Plan) Find(id string) (Step, bool) {
	for _, s := range p.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return Step{}, false
}
