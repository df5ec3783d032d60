package sshexec_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

func kind(err error) sshexec.Kind {
	var ce *sshexec.ConnectError
	if errors.As(err, &ce) {
		return ce.Kind
	}
	return ""
}

func TestAuth(t *testing.T) {
	ca := sshtest.NewKey(t, "ed25519")
	caFile := sshtest.WriteFile(t, filepath.Join(t.TempDir(), "ca.pub"), ca.AuthorizedKey())
	s := sshtest.StartSSHD(t, "TrustedUserCAKeys "+caFile, "MaxAuthTries 3")
	stranger := func() sshtest.Key { return sshtest.NewKey(t, "ed25519") }
	config := func(o *sshexec.Options, text string) {
		o.ConfigOff = false
		o.ConfigFiles = []string{sshtest.WriteFile(t, filepath.Join(t.TempDir(), "config"), text)}
	}
	for _, tc := range []struct {
		name  string
		setup func(*sshexec.Options)
		kind  sshexec.Kind
	}{
		{"agent", func(o *sshexec.Options) { o.AgentSocket = sshtest.Agent(t, s.UserKey) }, ""},
		{"second key of the agent", func(o *sshexec.Options) { o.AgentSocket = sshtest.Agent(t, stranger(), s.UserKey) }, ""},
		{"a full agent spends the tries", func(o *sshexec.Options) {
			o.AgentSocket = sshtest.Agent(t, stranger(), stranger(), stranger(), stranger(), s.UserKey)
		}, sshexec.KindAuthRefused},
		{"a full agent, the key named by its public half", func(o *sshexec.Options) {
			o.AgentSocket = sshtest.Agent(t, stranger(), stranger(), stranger(), stranger(), s.UserKey)
			o.Keys = []string{sshtest.WriteFile(t, filepath.Join(t.TempDir(), "id.pub"), s.UserKey.AuthorizedKey())}
		}, ""},
		{"keys only", func(o *sshexec.Options) {
			o.AgentSocket, o.KeysOnly = sshtest.Agent(t, s.UserKey), true
			o.Keys = []string{sshtest.WriteKey(t, stranger(), t.TempDir(), "id")}
		}, sshexec.KindAuthRefused},
		{"key data", func(o *sshexec.Options) { o.KeyData = []secret.Secret{secret.New(string(s.UserKey.PEM))} }, ""},
		{"default key", func(o *sshexec.Options) { sshtest.WriteKey(t, s.UserKey, filepath.Join(o.HomeDir, ".ssh"), "id_ecdsa") }, ""},
		{"IdentityFile", func(o *sshexec.Options) {
			sshtest.WriteKey(t, s.UserKey, o.HomeDir, "deploy key")
			config(o, "Host 127.*\n IdentityFile ~/nowhere\n IdentityFile \"~/deploy key\"\n")
		}, ""},
		{"IdentityFile with tokens", func(o *sshexec.Options) {
			sshtest.WriteKey(t, s.UserKey, o.HomeDir, "key-127.0.0.1-"+s.User)
			o.Env = func(n string) string { return map[string]string{"KEYS": o.HomeDir}[n] }
			config(o, "IdentityFile ${KEYS}/key-%h-%r\n")
		}, ""},
		{"IdentityAgent", func(o *sshexec.Options) { config(o, "IdentityAgent "+sshtest.Agent(t, s.UserKey)+"\n") }, ""},
		{"IdentityAgent none", func(o *sshexec.Options) {
			o.AgentSocket = sshtest.Agent(t, s.UserKey)
			config(o, "IdentityAgent none\n")
		}, sshexec.KindNoKeys},
		{"IdentitiesOnly", func(o *sshexec.Options) {
			o.AgentSocket = sshtest.Agent(t, s.UserKey)
			config(o, "IdentitiesOnly yes\n")
		}, sshexec.KindNoKeys},
		{"certificate beside the key", func(o *sshexec.Options) {
			k, dir := stranger(), t.TempDir()
			o.Keys = []string{sshtest.WriteKey(t, k, dir, "id")}
			sshtest.WriteFile(t, filepath.Join(dir, "id-cert.pub"), certificate(t, ca, k, ssh.UserCert, s.User))
		}, ""},
		{"CertificateFile", func(o *sshexec.Options) {
			k, dir := stranger(), t.TempDir()
			cert := sshtest.WriteFile(t, filepath.Join(dir, "c.pub"), certificate(t, ca, k, ssh.UserCert, s.User))
			config(o, "IdentityFile "+sshtest.WriteKey(t, k, dir, "id")+"\nCertificateFile "+cert+"\n")
		}, ""},
		{"certificate for another user", func(o *sshexec.Options) {
			k, dir := stranger(), t.TempDir()
			o.Keys = []string{sshtest.WriteKey(t, k, dir, "id")}
			sshtest.WriteFile(t, filepath.Join(dir, "id-cert.pub"), certificate(t, ca, k, ssh.UserCert, "somebody"))
		}, sshexec.KindAuthRefused},
		{"passphrase", func(o *sshexec.Options) {
			o.Keys = []string{locked(t, s.UserKey, t.TempDir())}
			o.AskPassphrase = func(context.Context, string) (secret.Secret, error) { return secret.New("open sesame"), nil }
		}, ""},
		{"wrong passphrase", func(o *sshexec.Options) {
			o.Keys = []string{locked(t, s.UserKey, t.TempDir())}
			o.AskPassphrase = func(context.Context, string) (secret.Secret, error) { return secret.New("hunter2"), nil }
		}, sshexec.KindAuthRefused},
		{"locked file, held by the agent", func(o *sshexec.Options) {
			o.Keys, o.AgentSocket = []string{locked(t, s.UserKey, t.TempDir())}, sshtest.Agent(t, s.UserKey)
		}, ""},
		{"dead agent, good file", func(o *sshexec.Options) {
			o.AgentSocket, o.Keys = filepath.Join(t.TempDir(), "gone"), []string{s.KeyFile}
		}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := options(t, s)
			o.Keys = nil
			tc.setup(&o)
			err := works(t, o, "127.0.0.1")
			if kind(err) != tc.kind || tc.kind == "" && err != nil {
				t.Fatalf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("a secret in", err)
			}
		})
	}
}

func TestForwardAgent(t *testing.T) {
	s := sshtest.StartSSHD(t)
	for _, on := range []bool{true, false} {
		o := options(t, s)
		o.AgentSocket = sshtest.Agent(t, s.UserKey)
		if on {
			o.ForwardAgent = &on
		}
		c := dial(t, o, "127.0.0.1")
		res, err := c.Run(t.Context(), cmd("ssh-add -l 2>&1; true"))
		if got := strings.Contains(res.Stdout, s.UserKey.Fingerprint()); err != nil || got != on {
			t.Errorf("forward %v: %q %v", on, res.Stdout, err)
		}
	}
}
