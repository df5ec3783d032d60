package sshtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Key is a fresh private key.
type Key struct {
	Signer ssh.Signer
	Raw    crypto.PrivateKey
	PEM    []byte
}

// AuthorizedKey is the public half as a line of authorized_keys.
func (k Key) AuthorizedKey() string { return string(ssh.MarshalAuthorizedKey(k.Signer.PublicKey())) }

// Fingerprint is SHA256:….
func (k Key) Fingerprint() string { return ssh.FingerprintSHA256(k.Signer.PublicKey()) }

// NewKey makes a key of kind ed25519, ecdsa or rsa.
func NewKey(t testing.TB, kind string) Key {
	t.Helper()
	var raw crypto.PrivateKey
	var err error
	switch kind {
	case "ecdsa":
		raw, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa":
		raw, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		_, raw, err = ed25519.GenerateKey(rand.Reader)
	}
	check(t, err)
	signer, err := ssh.NewSignerFromKey(raw)
	check(t, err)
	block, err := ssh.MarshalPrivateKey(raw, "")
	check(t, err)
	return Key{Signer: signer, Raw: raw, PEM: pem.EncodeToMemory(block)}
}

// WriteKey puts the private half in dir/name (0600) and gives its path.
func WriteKey(t testing.TB, k Key, dir, name string) string {
	t.Helper()
	return WriteFile(t, filepath.Join(dir, name), string(k.PEM))
}

// WriteFile writes text (0600), making folders as needed, and gives the path.
func WriteFile(t testing.TB, path, text string) string {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// LockedPEM is k in OpenSSH's format with a passphrase.
func LockedPEM(t testing.TB, k Key, passphrase string) []byte {
	t.Helper()
	block, err := ssh.MarshalPrivateKeyWithPassphrase(k.Raw, "", []byte(passphrase))
	check(t, err)
	return pem.EncodeToMemory(block)
}
