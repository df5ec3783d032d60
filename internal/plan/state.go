package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// State is what the hosts showed, in the order of the selection.
type State struct{ Hosts []HostState }

// Host gives a host's state; the zero value for one that was not observed.
func (s State) Host(name string) HostState {
	for _, h := range s.Hosts {
		if h.Name == name {
			return h
		}
	}
	return HostState{Name: name}
}

// HostState is one host.
type HostState struct {
	Name       string
	FreeKB     int64       // of the home folder or of docker's, the lesser; 0 = not known
	Network    bool        // the network "kamal" exists
	Apps       []string    // folders of .kamal/apps: services (with destination) that are installed
	Containers []Container // of the service, all destinations and states, newest first
	Images     []Image     // of the repository
	Proxy      ProxyState
	// Accessories maps an accessory's name to its containers, newest first.
	Accessories map[string][]Container
	// EnvFiles maps a role to its env file's keys and the hash of each value.
	EnvFiles map[string]map[string]string
	// Booted maps a role to the container that hwdeploy created last and the hash
	// of the line it was created by; a container of Kamal's is in none.
	Booted map[string]Booted

	// Env maps a running container to the keyed hashes of its variables, ImageEnv
	// an image; only where variables are compared.
	Env, ImageEnv map[string]map[string]string

	Quiet    []string // ids of workers that were told to take no more jobs
	Fetching []string // ids of workers that were not
	Mute     []string // ids of workers without a shell: they cannot be told

	OneOffs []string // names of one-off containers that run; for status and recover
}

// Booted is what hwdeploy noted when it created a role's container.
type Booted struct{ ID, LineHash string }

// Container is a container of the service.
type Container struct {
	ID, Name, Image, ImageID string
	State                    string // as docker says: "running", "exited" …
	Role, Destination        string // labels
	HasDestination           bool   // the label exists (Kamal always writes it)
	Created                  int64  // seconds since 1970
}

// Running tells whether it has processes (a crash loop counts, as for Kamal).
func (c Container) Running() bool { return c.State == "running" || c.State == "restarting" }

// Image is an image of the service's repository.
type Image struct {
	ID      string
	Tags    []string // full references
	Digests []string // "sha256:…" of the repository
	Service string   // label
}

// ProxyState is kamal-proxy on a host.
type ProxyState struct {
	Exists, Running bool
	Version         string // text behind the image's last colon
	// Services maps a service's name to its target, "short id:port".
	Services map[string]string
}

// Nonce derives n hex digits from the run's id and what they are for.
func Nonce(run string, n int, parts ...string) string {
	sum := sha256.Sum256([]byte(run + "\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:n]
}
