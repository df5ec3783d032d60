package sshexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/crypto/ssh"
)

// loadFile reads a private key, or a public one that selects a key of the agent.
// A key with a passphrase is unlocked only when the host has said that it would
// take it; without AskPassphrase such a key serves only to select.
func (d *Dialer) loadFile(ctx context.Context, name string) (keyFile, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return keyFile{}, fmt.Errorf("key: %w", err)
	}
	f := keyFile{name: name}
	if pub, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
		f.public = pub
		return f, nil
	}
	signer, err := ssh.ParsePrivateKey(text)
	var missing *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &missing):
		return d.lockedFile(ctx, f, text, missing.PublicKey)
	case err != nil:
		return keyFile{}, fmt.Errorf("key %s: not a private key in PEM form", name)
	}
	f.signer, f.public = signer, signer.PublicKey()
	return f, nil
}

func (d *Dialer) lockedFile(ctx context.Context, f keyFile, text []byte, public ssh.PublicKey) (keyFile, error) {
	if public == nil { // the old PEM form keeps its public half in another file
		pub, err := os.ReadFile(f.name + ".pub")
		if err != nil {
			return keyFile{}, fmt.Errorf("key %s: it has a passphrase, and %w; add it to the agent with ssh-add", f.name, err)
		}
		if public, _, _, _, err = ssh.ParseAuthorizedKey(pub); err != nil {
			return keyFile{}, fmt.Errorf("key %s.pub: %w", f.name, err)
		}
	}
	f.public = public
	f.signer = &lockedKey{ctx: ctx, d: d, name: f.name, text: text, public: public}
	return f, nil
}

// lockedKey is a signer that asks for its passphrase when it first has to sign.
type lockedKey struct {
	ctx    context.Context //nolint:containedctx // ssh.Signer's methods take none
	d      *Dialer
	name   string
	text   []byte
	public ssh.PublicKey
	once   sync.Once
	signer ssh.Signer
	err    error
}

var _ ssh.AlgorithmSigner = (*lockedKey)(nil)

// PublicKey needs no passphrase.
func (l *lockedKey) PublicKey() ssh.PublicKey { return l.public }

// Sign implements ssh.Signer.
func (l *lockedKey) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return l.SignWithAlgorithm(rand, data, "")
}

// SignWithAlgorithm implements ssh.AlgorithmSigner.
func (l *lockedKey) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	l.once.Do(func() { l.signer, l.err = l.d.unlock(l.ctx, l.name, l.text) })
	if l.err != nil {
		return nil, l.err
	}
	if as, ok := l.signer.(ssh.AlgorithmSigner); ok && algorithm != "" {
		return as.SignWithAlgorithm(rand, data, algorithm)
	}
	return l.signer.Sign(rand, data)
}

// unlockError says what a locked key needs.
type unlockError struct{ name, why string }

func (e *unlockError) Error() string {
	return fmt.Sprintf("the host takes the key %s, but %s", e.name, e.why)
}

// unlock asks once per file and run.
func (d *Dialer) unlock(ctx context.Context, name string, text []byte) (ssh.Signer, error) {
	if d.opts.AskPassphrase == nil {
		return nil, &unlockError{name, "it has a passphrase and nobody can be asked"}
	}
	d.unlocking.Lock()
	defer d.unlocking.Unlock()
	if s, ok := d.unlocked[name]; ok {
		return s, nil
	}
	pass, err := d.opts.AskPassphrase(ctx, name)
	if err != nil {
		return nil, &unlockError{name, "no passphrase was given: " + err.Error()}
	}
	s, err := ssh.ParsePrivateKeyWithPassphrase(text, []byte(pass.Reveal()))
	if err != nil {
		return nil, &unlockError{name, "the passphrase is wrong"}
	}
	d.unlocked[name] = s
	return s, nil
}
