package sshexec

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// keyStore loads known_hosts files once per run, and again after one grew.
type keyStore struct {
	mu  sync.Mutex
	dbs map[string]*knownhosts.HostKeyDB // by file
	// copies are files that were read in place of others: see parseKnownHosts.
	copies map[string]string
	ask    sync.Mutex // one question at a time
}

// load gives the database of one file; nil when there is no such file. A line
// that the library cannot read is left out, as ssh does: see readable.
func (k *keyStore) load(file string, warn func(string)) (*knownhosts.HostKeyDB, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if db, ok := k.dbs[file]; ok {
		return db, nil
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("known_hosts: %w", err)
	}
	db, copied, err := parseKnownHosts(file, text, warn)
	if err != nil {
		return nil, fmt.Errorf("known_hosts %s: %w", file, err)
	}
	if k.dbs == nil {
		k.dbs, k.copies = map[string]*knownhosts.HostKeyDB{}, map[string]string{}
	}
	k.copies[copied] = file
	k.dbs[file] = db
	return db, nil
}

// original gives the file that a person knows.
func (k *keyStore) original(file string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return cmp.Or(k.copies[file], file)
}

func (k *keyStore) forget(file string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.dbs, file)
}

// parseKnownHosts hands the file to the library; if one line spoils it, a copy
// with such lines blanked (so that line numbers stay) is read instead. It gives the
// name of what was read.
func parseKnownHosts(file string, text []byte, warn func(string)) (*knownhosts.HostKeyDB, string, error) {
	db, err := knownhosts.NewDB(file)
	if err == nil {
		return db, file, nil
	}
	lines := bytes.Split(text, []byte("\n"))
	for i, l := range lines {
		if _, _, _, _, _, e := ssh.ParseKnownHosts(append(bytes.Clone(l), '\n')); e != nil && len(bytes.TrimSpace(l)) > 0 && bytes.TrimSpace(l)[0] != '#' {
			warn(fmt.Sprintf("%s:%d: line left out: %v", file, i+1, e))
			lines[i] = nil
		}
	}
	tmp, err := os.MkdirTemp("", "known_hosts")
	if err != nil {
		return nil, "", err
	}
	copied := filepath.Join(tmp, filepath.Base(file))
	if err = os.WriteFile(copied, bytes.Join(lines, []byte("\n")), 0o600); err == nil {
		db, err = knownhosts.NewDB(copied)
	}
	return db, copied, errors.Join(err, os.RemoveAll(tmp))
}

// layer is a group of files that decide together.
type layer struct{ files []string }

// verifier judges the keys of one target.
type verifier struct {
	d      *Dialer
	t      *target
	layers [][]*knownhosts.HostKeyDB
}

// newVerifier loads the known_hosts files: the project's first, then the user's
// and the machine's. The first layer that knows the host decides.
func (d *Dialer) newVerifier(t *target) (*verifier, error) {
	v := &verifier{d: d, t: t}
	for _, l := range []layer{{d.opts.KnownHosts}, {append(append([]string(nil), t.userFiles...), t.otherFiles...)}} {
		var dbs []*knownhosts.HostKeyDB
		for _, f := range l.files {
			db, err := d.keys.load(f, d.warnOnce)
			if err != nil {
				return nil, &ConnectError{Host: t.alias, Address: t.address(), Kind: KindConfig, Detail: err.Error(), Err: err}
			}
			if db != nil {
				dbs = append(dbs, db)
			}
		}
		v.layers = append(v.layers, dbs)
	}
	return v, nil
}

// preferred are host key algorithms in the order in which ssh would list them
// for a host that it does not know.
func preferred(certs bool) []string {
	plain := []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
	if !certs {
		return plain
	}
	return []string{
		ssh.CertAlgoED25519v01, ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
		ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01,
	}
}

// algorithms puts the types that are known for the host first, so that a server
// with several keys shows the one that can be checked. Certificates are asked
// for only where an authority is known: its own type says nothing about theirs.
func (v *verifier) algorithms() []string {
	var certs bool
	var known []string
	for _, dbs := range v.layers {
		for _, db := range dbs {
			for _, k := range db.HostKeys(v.t.lookupName()) {
				certs = certs || k.Cert
			}
			for _, a := range db.HostKeyAlgorithms(v.t.lookupName()) {
				if !strings.Contains(a, "-cert-v01@") {
					known = append(known, a)
				}
			}
		}
		if certs || len(known) > 0 {
			break
		}
	}
	var out []string
	if certs {
		out = preferred(true)
	}
	return unique(append(append(out, known...), preferred(false)...))
}

// check judges a key. It returns nil or a *ConnectError.
func (v *verifier) check(ctx context.Context, key ssh.PublicKey) error {
	if known, err := v.known(key); err != nil || known {
		return err
	}
	return v.unknown(ctx, key)
}

func (v *verifier) known(key ssh.PublicKey) (bool, error) {
	for _, dbs := range v.layers {
		if known, err := v.checkLayer(dbs, key); err != nil || known {
			return known, err
		}
	}
	return false, nil
}

// checkLayer tells whether the layer vouches for the key; an error refuses it. Who
// revokes the key is right, whatever the other files say.
func (v *verifier) checkLayer(dbs []*knownhosts.HostKeyDB, key ssh.PublicKey) (bool, error) {
	remote := &net.TCPAddr{IP: net.IPv4zero, Port: v.t.port}
	var known bool
	var changed error
	for _, db := range dbs {
		err := db.HostKeyCallback()(v.t.lookupName(), remote, key)
		var revoked *xknownhosts.RevokedError
		switch {
		case err == nil:
			known = true
		case errors.As(err, &revoked):
			return false, v.refusal(KindHostKeyRevoked, fmt.Sprintf("the host key is revoked (%s)", describeKey(key)),
				"do not connect: "+revoked.Revoked.String(), err)
		case knownhosts.IsHostKeyChanged(err):
			if plain := v.plainKnown(err, db); plain != nil {
				changed = v.changed(key, plain, err)
			}
		case knownhosts.IsHostUnknown(err):
		default:
			if _, cert := key.(*ssh.Certificate); cert && changed == nil {
				changed = v.refusal(KindHostKeyUnknown, fmt.Sprintf("the host certificate is not valid here (%s)", describeKey(key)),
					err.Error(), err)
			}
		}
	}
	if known {
		return true, nil
	}
	return false, changed
}

// plainKnown drops authorities from the known keys: an authority does not say
// that the host has no other key.
func (v *verifier) plainKnown(err error, db *knownhosts.HostKeyDB) []xknownhosts.KnownKey {
	var ke *xknownhosts.KeyError
	if !errors.As(err, &ke) {
		return nil
	}
	authority := map[string]bool{}
	for _, k := range db.HostKeys(v.t.lookupName()) {
		if k.Cert {
			authority[string(k.Marshal())] = true
		}
	}
	var out []xknownhosts.KnownKey
	for _, w := range ke.Want {
		if !authority[string(w.Key.Marshal())] {
			out = append(out, w)
		}
	}
	return out
}

func describeKey(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }

func unique(in []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range in {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
