package config

import (
	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// Pos is a place in a configuration file; zero = unknown (a default).
type Pos = psych.Pos

// Value is one resolved YAML value: Text gives what Ruby would print, Blank
// tells null, false, empty and whitespace apart from the rest (config.md's
// three outcomes: blank, false, text).
type Value = *psych.Node

// Pair is one entry of an ordered map, its key already as text.
type Pair struct {
	Key   string
	Value Value
	Pos   Pos // of the key
}

// Text is a string of the configuration with its place.
type Text struct {
	Value string
	Pos   Pos
}

// Config is one deploy.yml with its destination merged in and every default
// applied. It knows the names of secrets, never their values.
type Config struct {
	Dir         string // working directory; paths in the file are relative to it
	Destination string // empty = none
	Raw         Value  // the merged tree, before validation
	Warnings    []Issue
	Environ     []string // KEY=VALUE as the templates left it; what commands and hooks get

	Service string
	Image   string
	Labels  []Pair
	Volumes []Text

	Registry    Registry
	Roles       []*Role      // alphabetical, as Kamal keeps them
	Accessories []*Accessory // file order
	Env         Env
	Proxy       Proxy // of the root
	Builder     Builder
	SSH         SSH
	SSHKit      SSHKit
	Boot        Boot
	Logging     Logging
	Output      Output
	Aliases     []Alias
	Extension   Extension // x-hwdeploy

	AssetPath        string // "path[:mount options]", empty = none
	HooksPath        string // default .kamal/hooks
	HooksOutput      HooksOutput
	SecretsPath      string // default .kamal/secrets
	ErrorPagesPath   string // empty = none
	PrimaryRole      string // default web
	AllowEmptyRoles  bool
	RetainContainers int  // default 5
	ReadinessDelay   int  // seconds, default 7
	DeployTimeout    int  // seconds, default 30
	DrainTimeout     int  // seconds, default 30
	StopTimeout      *int // seconds; nil = not set
}

// Host is one host entry of a role.
type Host struct {
	Name string
	Tags []string
	Pos  Pos
}

// Role is a role with the root's settings merged in where Kamal merges them.
type Role struct {
	Name        string
	Pos         Pos
	Hosts       []Host // file order, unique
	Cmd         Text   // empty = none; unquoted on the host
	StopTimeout *int   // the role's own; nil = root's
	Options     []Pair // without restart
	Restart     string // default unless-stopped
	Logging     Logging
	Labels      []Pair // the role's own labels; root's are in Config.Labels
	Env         Env    // the role's own; root's is in Config.Env
	Proxied     bool   // runs behind kamal-proxy
	Proxy       Proxy  // root overlaid by the role's map; meaningful when Proxied
	AssetPath   string // role's or root's; empty = none or not proxied
}

// Env is one env section, as written: resolution per host is Config.EnvFor.
type Env struct {
	Clear  []Pair
	Secret []Text          // entries as written, "NAME" or "NAME:SOURCE"
	Tags   map[string]*Env // root env only
}

// SecretRef is one variable that comes from a secret.
type SecretRef struct {
	Name   string // the variable
	Source string // the secret's name
	Pos    Pos
}

// Registry is a registry section; Server empty = Docker Hub.
type Registry struct {
	Server             string
	ServerSet          bool // a blank server still prefixes "/"
	Username, Password Credential
	Local              bool // localhost:PORT
	Pos                Pos
}

// Credential is a literal or the name of a secret.
type Credential struct {
	Literal string
	Secret  string // name; empty = Literal counts
	Pos     Pos
}

// Proxy is a proxy section (root, role after merge, or accessory).
type Proxy struct {
	AppPort         int // default 80
	Hosts           []string
	SSL             bool   // true or any map
	CertificatePEM  string // secret names; both or none
	PrivateKeyPEM   string
	Health          Health
	ResponseTimeout *int
	Buffering       Buffering
	PathPrefixes    []string
	StripPathPrefix *bool
	ForwardHeaders  *bool
	SSLRedirect     *bool
	RequestHeaders  []string // default Cache-Control, Last-Modified, User-Agent
	ResponseHeaders []string
	Run             *ProxyRun // nil = none
}

// Health is proxy/healthcheck; seconds.
type Health struct {
	Interval, Timeout *int
	Path              string // empty = the proxy's own default, /up
	PathSet           bool   // a path is written, empty or not
}

// Buffering is proxy/buffering; bytes.
type Buffering struct {
	Requests, Responses             bool // default true
	Memory, MaxRequest, MaxResponse *int
}

// ProxyRun is proxy/run: how the proxy container itself is started.
type ProxyRun struct {
	Publish             bool // default true
	HTTPPort, HTTPSPort int  // default 80, 443
	BindIPs             []string
	LogMaxSize          string // default 10m; empty = no flag
	MetricsPort         *int
	Debug               bool
	Registry            string
	Repository          string // default basecamp/kamal-proxy
	Version             string // default v0.9.2
	Options             []Pair
	Pos                 Pos

	identity string // equal for maps that Kamal holds equal
}

// Accessory is one accessory.
type Accessory struct {
	Name        string
	Service     string // default <svc>-<name>
	Image       string // with its own registry's server in front, if any
	Registry    *Registry
	Hosts       []string // resolved placement, duplicates kept
	Cmd         Text
	Port        string // as --publish wants it; empty = none
	Labels      []Pair
	Options     []Pair // without restart
	Restart     string
	Env         Env
	Files       []Mount
	Directories []Mount
	Volumes     []Text
	Network     string // default kamal
	Proxied     bool
	Proxy       Proxy
	Pos         Pos
}

// Mount is one entry of accessory files or directories.
type Mount struct {
	Local, Remote, Options string
	Mode, Owner            string // empty = default
	Pos                    Pos
}

// Builder is the builder section.
type Builder struct {
	Arches     []string
	Remote     string
	Local      bool   // default true
	Driver     string // default docker-container
	Pack       bool   // builder/pack (buildpacks) is set
	Cache      *Cache
	Context    string // default "."
	ContextSet bool   // set = no clone
	Dockerfile string // default Dockerfile
	Target     string
	Args       []Pair
	Secrets    []Text
	SSH        string
	Provenance string // empty = not set
	SBOM       *bool
	Pos        Pos
	keys       map[string]Pos
}

// At is where a key of the section stands; the section itself when it is not
// written.
func (b Builder) At(key string) Pos {
	if p, ok := b.keys[key]; ok {
		return p
	}
	return b.Pos
}

// Cache is builder/cache.
type Cache struct{ Type, Options, Image string }

// SSH is the ssh section.
type SSH struct {
	User         string // default root
	Port         string // default 22, passed on as given
	PortRaw      Value  // nil = default
	Proxy        string // user@host, or empty
	ProxyCommand string
	LogLevel     string // default fatal
	KeysOnly     *bool
	Keys         []string
	KeyData      []Text   // secret names, or inline keys (deprecated)
	ConfigOff    bool     // config: false
	ConfigFiles  []string // nil = the default OpenSSH files
	ConfigRaw    Value
	ForwardAgent *bool
	Set          []string // keys that are written in the section, in order
}

// SSHKit is the sshkit section.
type SSHKit struct {
	MaxConcurrentStarts int // default 30
	DNSRetries          int // default 3
}

// Boot is the boot section.
type Boot struct {
	Limit         string // "", "2", "25%"
	Wait          int    // seconds
	ParallelRoles bool
}

// Logging is a logging section; a role's is already merged over the root's.
type Logging struct {
	Driver  string
	Options []Pair
}

// Output is the output section.
type Output struct{ FilePath, OTelEndpoint string }

// HooksOutput says which hooks' output is shown: "", "quiet" or "verbose".
type HooksOutput struct {
	All     string
	PerHook map[string]string
}

// For gives the word for one hook.
func (h HooksOutput) For(hook string) string {
	if word, ok := h.PerHook[hook]; ok {
		return word
	}
	return h.All
}

// Alias is one alias.
type Alias struct {
	Name, Line string
}
