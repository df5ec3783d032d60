package sshexec

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/shlex"
)

// target is everything that is known about one host before it is dialled.
type target struct {
	alias string // as the caller names it
	hop   bool   // a jump host
	whole bool   // its port comes from its address or from ssh_config
	user  string
	host  string // name or address to dial
	port  int

	jumps        []string // [user@]host[:port], first hop first
	proxyCommand string

	keyFiles   []string // existing or not; in order
	defaults   bool     // keyFiles are the default ones: missing ones are normal
	certFiles  []string
	keysOnly   bool
	agent      string // socket; empty = none
	hostKeyAs  string // HostKeyAlias
	userFiles  []string
	otherFiles []string // global known_hosts
	strict     string   // ask, yes, no, accept-new
	hashNames  bool
	timeout    time.Duration
}

// addr is host:port to dial.
func (t *target) addr() string { return net.JoinHostPort(t.host, strconv.Itoa(t.port)) }

// address is user@host:port for messages.
func (t *target) address() string { return t.user + "@" + t.addr() }

// lookupName is the name under which host keys are looked up, as host:port.
func (t *target) lookupName() string {
	if t.hostKeyAs != "" {
		return net.JoinHostPort(t.hostKeyAs, "22")
	}
	return t.addr()
}

// resolve applies options and ssh_config to an address. A hop is a jump host,
// which reads ssh_config whole and ignores the options' own proxies.
func (d *Dialer) resolve(alias string, hop bool) (*target, error) {
	a, err := parseAddress(alias)
	if err != nil {
		return nil, d.configError(alias, err)
	}
	directives, err := d.config()
	if err != nil {
		return nil, d.configError(alias, err)
	}
	whole := hop || d.opts.WholeConfig
	t := &target{alias: alias, hop: hop, whole: whole}
	s := settings{}
	m := &matcher{alias: a.host, user: d.userFor(a, whole), localUser: d.opts.LocalUser, warn: d.warnOnce, out: s}
	m.walk(directives, true)
	if err := d.fill(t, a, s, whole, hop); err != nil {
		return nil, d.configError(alias, err)
	}
	return t, nil
}

func (d *Dialer) configError(alias string, err error) error {
	var ce *ConnectError
	if errors.As(err, &ce) {
		return err
	}
	return &ConnectError{Host: alias, Kind: KindConfig, Detail: err.Error(), Err: err}
}

func (d *Dialer) userFor(a address, whole bool) string {
	if whole && a.user != "" {
		return a.user
	}
	return d.opts.User
}

func (d *Dialer) fill(t *target, a address, s settings, whole, hop bool) error {
	t.user, t.port = d.opts.User, d.opts.Port
	if whole {
		if err := d.fillWhole(t, a, s, hop); err != nil {
			return err
		}
	}
	t.host = a.host
	if h := s.get("hostname"); h != "" {
		t.host = expandTokens(h, map[byte]string{'h': a.host})
	}
	if err := (address{host: t.host, user: t.user}).check(t.host); err != nil {
		return err
	}
	tokens := d.tokens(t, a)
	t.hostKeyAs = s.get("hostkeyalias")
	d.fillKeys(t, s, tokens, hop)
	d.fillKnownHosts(t, s, tokens)
	d.fillProxies(t, s, hop)
	return d.fillTimeout(t, s)
}

// fillTimeout reads seconds, or numbers with units ("1m30s"); 0 is none of its own.
func (d *Dialer) fillTimeout(t *target, s settings) error {
	t.timeout = d.opts.ConnectTimeout
	v := s.word("connecttimeout")
	if v == "" || v == "none" {
		return nil
	}
	n, err := time.ParseDuration(v)
	if _, numeric := strconv.Atoi(v); numeric == nil {
		n, err = time.ParseDuration(v + "s")
	}
	if err != nil || n < 0 {
		return fmt.Errorf("ssh_config: ConnectTimeout %q is not a number of seconds", v)
	}
	setDefault(&n, t.timeout)
	t.timeout = n
	return nil
}

// fillWhole takes user and port from the address, then ssh_config.
func (d *Dialer) fillWhole(t *target, a address, s settings, hop bool) error {
	local := d.opts.User
	if hop && d.opts.LocalUser != "" {
		local = d.opts.LocalUser // as ssh does for its jump hosts
	}
	t.user = cmp.Or(a.user, s.get("user"), local)
	t.port = a.port
	if p := s.get("port"); t.port == 0 && p != "" {
		n, err := parsePort(p)
		if err != nil {
			return fmt.Errorf("ssh_config: %w", err)
		}
		t.port = n
	}
	if t.port == 0 {
		t.port = 22
		if !hop {
			t.port = d.opts.Port
		}
	}
	return nil
}

func (d *Dialer) fillKeys(t *target, s settings, tokens map[byte]string, hop bool) {
	t.keysOnly = d.opts.KeysOnly || s.word("identitiesonly") == "yes"
	files := d.opts.Keys
	if own := len(d.opts.Keys) > 0 || len(d.opts.KeyData) > 0; !own || hop {
		files = append(append([]string(nil), files...), s["identityfile"]...)
	}
	for _, f := range files {
		if f != "none" {
			t.keyFiles = append(t.keyFiles, d.path(f, tokens))
		}
	}
	if len(files) == 0 && len(d.opts.KeyData) == 0 && d.opts.HomeDir != "" {
		t.defaults = true
		for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
			t.keyFiles = append(t.keyFiles, filepath.Join(d.opts.HomeDir, ".ssh", name))
		}
	}
	for _, f := range s["certificatefile"] {
		t.certFiles = append(t.certFiles, d.path(f, tokens))
	}
	switch v := s.get("identityagent"); v {
	case "", "SSH_AUTH_SOCK":
		t.agent = d.opts.AgentSocket
	case "none":
	default:
		t.agent = d.path(v, tokens)
	}
}

func (d *Dialer) fillKnownHosts(t *target, s settings, tokens map[byte]string) {
	t.strict = cmp.Or(s.word("stricthostkeychecking"), "ask")
	t.hashNames = s.word("hashknownhosts") == "yes"
	var user string
	if d.opts.HomeDir != "" {
		user = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
	}
	t.userFiles = d.pathList(cmp.Or(s.get("userknownhostsfile"), user), tokens)
	t.otherFiles = d.pathList(cmp.Or(s.get("globalknownhostsfile"), "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"), tokens)
}

// fillProxies: options win, then ssh_config, of which settings keeps one.
func (d *Dialer) fillProxies(t *target, s settings, hop bool) {
	jump, command := d.opts.Proxy, d.opts.ProxyCommand
	if hop || jump == "" && command == "" {
		jump, command = s.get("proxyjump"), s.get("proxycommand")
	}
	switch {
	case jump != "" && jump != "none":
		for _, j := range strings.Split(jump, ",") {
			t.jumps = append(t.jumps, strings.TrimSpace(j))
		}
	case jump != "none" && command != "none":
		t.proxyCommand = command
	}
}

func (d *Dialer) tokens(t *target, a address) map[byte]string {
	return map[byte]string{
		'h': t.host, 'n': a.host, 'p': strconv.Itoa(t.port), 'r': t.user,
		'd': d.opts.HomeDir, 'u': d.opts.LocalUser,
	}
}

// path expands ~, %-tokens and ${VAR}.
func (d *Dialer) path(s string, tokens map[byte]string) string {
	if s == "~" || strings.HasPrefix(s, "~/") {
		s = d.opts.HomeDir + s[1:]
	}
	if name, ok := strings.CutPrefix(s, "$"); ok && !strings.HasPrefix(name, "{") {
		return d.opts.Env(name) // IdentityAgent $VAR
	}
	return expandVars(expandTokens(s, tokens), d.opts.Env)
}

func (d *Dialer) pathList(s string, tokens map[byte]string) []string {
	words, err := shlex.Split(s)
	if err != nil {
		words = strings.Fields(s)
	}
	var out []string
	for _, w := range words {
		if w != "none" {
			out = append(out, d.path(w, tokens))
		}
	}
	return out
}

// expandVars replaces ${NAME}, once; other dollars stay.
func expandVars(s string, env func(string) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(before + env(name))
		s = after
	}
}
