package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// sshOptions are Kamal's ssh section; User and Port of ssh_config do not count.
func (w *world) sshOptions(ctx context.Context, cfg *config.Config, box secrets) (sshexec.Options, error) {
	port, err := strconv.Atoi(cfg.SSH.Port)
	if err != nil || port < 0 || port > 65535 {
		return sshexec.Options{}, &config.Errors{Issues: []config.Issue{{
			Kind: config.OwnError, Pos: cfg.SSH.PortRaw.Pos, Path: "ssh/port",
			Message: fmt.Sprintf("ssh/port: %q is no port", cfg.SSH.Port), Hint: "write the port of sshd, such as 22",
		}}}
	}
	o := w.baseOptions(cfg)
	o.User, o.Port, o.Proxy, o.ProxyCommand = cfg.SSH.User, port, cfg.SSH.Proxy, cfg.SSH.ProxyCommand
	o.KeysOnly = cfg.SSH.KeysOnly != nil && *cfg.SSH.KeysOnly
	o.ForwardAgent = cfg.SSH.ForwardAgent
	o.DNSRetries, o.MaxConcurrentStarts = cfg.SSHKit.DNSRetries, cfg.SSHKit.MaxConcurrentStarts
	if o.DNSRetries == 0 {
		o.DNSRetries = -1 // Kamal's 0 is off; sshexec's is its default
	}
	for _, k := range cfg.SSH.Keys {
		o.Keys = append(o.Keys, w.path(k))
	}
	o.KeyData, err = w.keyData(ctx, cfg, box)
	return o, err
}

// keyData are the private keys of the ssh section: secrets by name, or the keys
// themselves, which have blanks in them as no name has.
func (w *world) keyData(ctx context.Context, cfg *config.Config, box secrets) ([]secret.Secret, error) {
	var keys []secret.Secret
	for _, k := range cfg.SSH.KeyData {
		if strings.ContainsAny(k.Value, " \n") {
			w.Redactor.Add(k.Value)
			keys = append(keys, secret.New(k.Value))
			continue
		}
		v, err := box.Lookup(ctx, k.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: ssh/key_data: %w", k.Pos, err)
		}
		keys = append(keys, v)
	}
	return keys, nil
}

func (w *world) baseOptions(cfg *config.Config) sshexec.Options {
	o := sshexec.Options{
		HomeDir: w.Home, WorkDir: w.Dir, LocalUser: w.env("USER"), AgentSocket: w.env("SSH_AUTH_SOCK"), Env: w.env,
		ConfigOff: cfg.SSH.ConfigOff, AskHostKey: w.AskHostKey,
	}
	for _, f := range cfg.SSH.ConfigFiles {
		o.ConfigFiles = append(o.ConfigFiles, w.path(f))
	}
	if cfg.Extension.KnownHosts != "" {
		o.KnownHosts = []string{w.path(cfg.Extension.KnownHosts)}
	}
	return o
}

func (w *world) dialer(ctx context.Context, cfg *config.Config, box secrets) (*sshexec.Dialer, error) {
	o, err := w.sshOptions(ctx, cfg, box)
	if err != nil {
		return nil, err
	}
	return sshexec.New(o), nil
}

// host is a connection with its engine.
type host struct {
	*sshexec.Client
	engine *docker.Client
	greet  chan struct{} // closed once the engine was asked for its version
}

func dialHost(ctx context.Context, d *sshexec.Dialer, name string) (deploy.Host, error) {
	c, err := d.Dial(ctx, name)
	if err != nil {
		return nil, err
	}
	h := &host{Client: c, engine: docker.New(c.DialDockerEarly, docker.Options{Host: name}), greet: make(chan struct{})}
	go h.hello(ctx)
	return h, nil
}

// hello settles the engine's version, and opens streams, while the host is asked
// other things. Its failure shows itself at the first real question.
func (h *host) hello(ctx context.Context) {
	defer close(h.greet)
	if _, err := h.engine.Ping(ctx); err != nil {
		return
	}
}

func (h *host) Name() string           { return h.Client.Host() }
func (h *host) Docker() *docker.Client { return h.engine }

func (h *host) Close() error {
	h.engine.Close()
	err := h.Client.Close()
	<-h.greet // which the end of the connection ends, too
	return err
}

func (h *host) Start(ctx context.Context, line string) (deploy.Session, error) {
	s, err := h.Client.Start(ctx, line)
	if err != nil {
		return nil, err
	}
	return session{s}, nil
}

// session gives a Session's streams as methods.
type session struct{ *sshexec.Session }

func (s session) Stdin() io.WriteCloser { return s.Session.Stdin }
func (s session) Stdout() io.Reader     { return s.Session.Stdout }
