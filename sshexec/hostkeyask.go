package sshexec

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

func (v *verifier) refusal(kind Kind, detail, hint string, err error) error {
	return &ConnectError{Host: v.t.alias, Address: v.t.address(), Kind: kind, Detail: detail, Hint: hint, Err: err}
}

// changed refuses for good. The known line is named, so that whoever knows that
// the host was rebuilt can remove it.
func (v *verifier) changed(key ssh.PublicKey, known []xknownhosts.KnownKey, err error) error {
	where := make([]string, 0, len(known))
	for _, k := range known {
		where = append(where, fmt.Sprintf("%s:%d (%s)", v.d.keys.original(k.Filename), k.Line, describeKey(k.Key)))
	}
	hint := "someone may be in between, or the host was set up anew.\n" +
		"known: " + strings.Join(where, ", ") + "\n" +
		"if the host is new, remove that line and connect again; the key must match what the host's console shows"
	return v.refusal(KindHostKeyChanged, fmt.Sprintf("the host key has changed (now %s)", describeKey(key)), hint, err)
}

// unknown asks, accepts or refuses a key that no file knows.
func (v *verifier) unknown(ctx context.Context, key ssh.PublicKey) error {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	accept := v.t.strict == "accept-new" || v.t.strict == "no" || v.t.strict == "off"
	if !accept && (v.d.opts.AskHostKey == nil || v.t.strict == "yes") {
		return v.refuseUnknown(key, nil)
	}
	v.d.keys.ask.Lock()
	defer v.d.keys.ask.Unlock()
	// Another host of the same name may have been accepted while this one waited.
	fresh, err := v.d.newVerifier(v.t)
	if err != nil {
		return err
	}
	if known, err := fresh.known(key); err != nil || known {
		return err
	}
	if !accept {
		if err := v.askPerson(ctx, key); err != nil {
			return err
		}
	}
	v.remember(key)
	return nil
}

func (v *verifier) askPerson(ctx context.Context, key ssh.PublicKey) error {
	yes, err := v.d.opts.AskHostKey(ctx, HostKeyQuestion{
		Host: knownhosts.Normalize(v.t.lookupName()), Address: v.t.address(), KeyType: key.Type(),
		Fingerprint: ssh.FingerprintSHA256(key), File: v.writable(),
	})
	if err != nil || !yes {
		return v.refuseUnknown(key, err)
	}
	return nil
}

func (v *verifier) refuseUnknown(key ssh.PublicKey, err error) error {
	file := v.writable()
	if len(v.d.opts.KnownHosts) > 0 {
		file = v.d.opts.KnownHosts[0]
	}
	hint := "if it is the right one (compare on the host: ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), add this line"
	if file != "" {
		hint += " to " + file
	}
	hint += ":\n" + knownhosts.Line([]string{v.t.lookupName()}, key)
	return v.refusal(KindHostKeyUnknown, fmt.Sprintf("the host key is not known (%s)", describeKey(key)), hint, err)
}

// writable is the file that new keys go to: the user's first one.
func (v *verifier) writable() string {
	if len(v.t.userFiles) == 0 {
		return ""
	}
	return v.t.userFiles[0]
}

// remember notes an accepted key. Failing to note it does not take the consent
// back; it is said.
func (v *verifier) remember(key ssh.PublicKey) {
	file := v.writable()
	if file == "" {
		return
	}
	name := knownhosts.Normalize(v.t.lookupName())
	if v.t.hashNames {
		name = xknownhosts.HashHostname(name)
	}
	line := name + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	v.d.keys.mu.Lock()
	err := appendLine(file, line)
	v.d.keys.mu.Unlock()
	if err != nil {
		v.d.opts.Warn(fmt.Sprintf("the key of %s was accepted but not noted: %v", v.t.alias, err))
	}
	v.d.keys.forget(file)
}

// appendLine adds a line to a file that may lack its last newline.
func appendLine(file, line string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		line = "\n" + line
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		return fmt.Errorf("%w (and close: %w)", err, f.Close())
	}
	return f.Close()
}
