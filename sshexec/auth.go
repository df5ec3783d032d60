package sshexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// offer is one key that may be shown to the host.
type offer struct {
	signer ssh.Signer
	from   string // "agent", a file name, "key data 1"
}

// keyring is what there is to log in with for one target, in order, with notes
// on what could not be used.
type keyring struct {
	offers []offer
	notes  []string
	agent  io.Closer // nil when there is none
	unbind func() bool
}

func (k *keyring) close() error {
	if k.agent == nil {
		return nil
	}
	k.unbind()
	return k.agent.Close()
}

func (k *keyring) note(format string, args ...any) {
	k.notes = append(k.notes, fmt.Sprintf(format, args...))
}

// add offers a signer unless the same key is offered already.
func (k *keyring) add(o offer) {
	for _, have := range k.offers {
		if sameKey(have.signer.PublicKey(), o.signer.PublicKey()) {
			return
		}
	}
	k.offers = append(k.offers, o)
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

func (k *keyring) signers() []ssh.Signer {
	out := make([]ssh.Signer, len(k.offers))
	for i, o := range k.offers {
		out[i] = o.signer
	}
	return out
}

// list names the offered keys, one a line.
func (k *keyring) list() string {
	lines := make([]string, len(k.offers))
	for i, o := range k.offers {
		lines[i] = describeKey(o.signer.PublicKey()) + " (" + o.from + ")"
	}
	return strings.Join(lines, "\n")
}

// keysFor collects what to offer. Configured files come first, through the agent
// where it holds them, since sshd counts refused keys (MaxAuthTries is 6); then
// the rest of the agent; then the default files.
func (d *Dialer) keysFor(ctx context.Context, t *target) *keyring {
	k := &keyring{}
	held := d.agentSigners(ctx, t, k)
	files := d.loadFiles(ctx, t, k)
	if !t.defaults || t.keysOnly {
		offerFiles(k, files, held)
	}
	for i, data := range d.opts.KeyData {
		signer, err := ssh.ParsePrivateKey([]byte(data.Reveal()))
		if err != nil {
			k.note("key data %d: %v", i+1, scrub(err))
			continue
		}
		k.add(offer{signer, fmt.Sprintf("key data %d", i+1)})
	}
	if !t.keysOnly {
		for _, s := range held {
			k.add(offer{s, "agent"})
		}
	}
	offerFiles(k, files, nil)
	return k
}

// scrub keeps only the kind of a parse error, in case it quotes the key.
func scrub(err error) error {
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		return errors.New("it needs a passphrase, which key data cannot have")
	}
	return errors.New("not a private key in PEM form")
}

// offerFiles offers each file's key, certificates first; held replaces the file
// by the agent's signer where there is one.
func offerFiles(k *keyring, files []keyFile, held []ssh.Signer) {
	for _, f := range files {
		signer, from := f.signer, f.name
		for _, h := range held {
			if sameKey(h.PublicKey(), f.public) {
				signer, from = h, "agent, "+f.name
			}
		}
		if signer == nil {
			continue // only a .pub file, and the agent does not hold its key
		}
		for _, cert := range f.certs {
			cs, err := ssh.NewCertSigner(cert, signer)
			if err != nil {
				k.note("certificate for %s: %v", f.name, err)
				continue
			}
			k.add(offer{cs, from + ", certificate"})
		}
		k.add(offer{signer, from})
	}
}

// agentSigners asks the agent for its keys. An agent may wait for its person, now
// and at each signature: the end of ctx ends that.
func (d *Dialer) agentSigners(ctx context.Context, t *target, k *keyring) []ssh.Signer {
	if t.agent == "" {
		k.note("no agent (SSH_AUTH_SOCK is not set)")
		return nil
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", t.agent)
	if err != nil {
		k.note("agent: %v", err)
		return nil
	}
	k.agent, k.unbind = conn, context.AfterFunc(ctx, func() { closeQuietly(conn) })
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		k.note("agent %s: %v", t.agent, err)
		return nil
	}
	if len(signers) == 0 {
		k.note("the agent at %s holds no key", t.agent)
	}
	return signers
}

// keyFile is a private key file, or the public half of one.
type keyFile struct {
	name   string
	public ssh.PublicKey
	signer ssh.Signer // nil for a .pub file
	certs  []*ssh.Certificate
}

func (d *Dialer) loadFiles(ctx context.Context, t *target, k *keyring) []keyFile {
	var certs []*ssh.Certificate
	for _, f := range t.certFiles {
		if c, err := readCert(f); err != nil {
			k.note("%v", err)
		} else {
			certs = append(certs, c)
		}
	}
	var out []keyFile
	for _, name := range t.keyFiles {
		f, err := d.loadFile(ctx, name)
		if err != nil {
			if !t.defaults || !errors.Is(err, os.ErrNotExist) {
				k.note("%v", err)
			}
			continue
		}
		if c, err := readCert(name + "-cert.pub"); err == nil {
			certs = append(certs, c)
		}
		for _, c := range certs {
			if sameKey(c.Key, f.public) {
				f.certs = append(f.certs, c)
			}
		}
		out = append(out, f)
	}
	if len(out) == 0 && t.defaults {
		k.note("none of the default keys is there (%s)", strings.Join(t.keyFiles, ", "))
	}
	return out
}

func readCert(file string) (*ssh.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", file, err)
	}
	cert, ok := key.(*ssh.Certificate)
	if !ok {
		return nil, fmt.Errorf("certificate %s: it holds a plain key", file)
	}
	return cert, nil
}
