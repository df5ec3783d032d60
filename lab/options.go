package lab

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Options say which lab to bring up. The zero value is a lab named "lab" with
// one host, its state under .lab/ of the repository around the working folder.
type Options struct {
	// Name keeps labs apart: it is part of the name of every container, volume
	// and network, and of the state folder. Lower-case letters, digits, dashes.
	Name string
	// Hosts is how many there are: lab-1, lab-2, …; at most 50.
	Hosts int
	// Fresh makes hosts that are left from an earlier run as new (Host.Reset) and
	// replaces the registry and the database. Without it they are taken as they are.
	Fresh bool
	// Root is the repository: programs are built from it and .lab/ lies in it.
	// Empty = found upward from the working folder.
	Root string
	// Username and Password are the registry's account. Empty = "lab" and a
	// random password, kept for the life of the lab.
	Username, Password string
	// Anonymous leaves the registry without accounts.
	Anonymous bool
	// SSHD holds extra sshd_config lines by host name, for example
	// {"lab-2": "AllowTcpForwarding no\nMaxSessions 2"}.
	SSHD map[string]string
	// Hold keeps other processes' Up of the same lab waiting until this process
	// ends: a test that resets hosts must not meet another that uses them.
	Hold bool
	// Log receives one line per step of the work; nil = silence.
	Log func(line string)
}

// cacheName is the folder in .lab/ that all labs share.
const cacheName = "cache"

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

// maxHosts is what the address plan of one /24 leaves room for, and more than
// two cores can carry.
const maxHosts = 50

func (o Options) withDefaults() (Options, error) {
	if o.Name == "" {
		o.Name = "lab"
	}
	if !validName.MatchString(o.Name) || o.Name == cacheName {
		return o, fmt.Errorf("lab name %q: use up to 31 lower-case letters, digits and dashes, and not \"cache\"", o.Name)
	}
	if o.Hosts == 0 {
		o.Hosts = 1
	}
	if o.Hosts < 1 || o.Hosts > maxHosts {
		return o, fmt.Errorf("a lab has 1 to %d hosts, not %d", maxHosts, o.Hosts)
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Root == "" {
		root, err := findRoot()
		o.Root = root
		return o, err
	}
	root, err := filepath.Abs(o.Root)
	o.Root = root
	return o, err
}

// rootHash names a checkout in labels: six hex digits of its path's hash.
func rootHash(root string) string {
	sum := sha256.Sum256([]byte(root))
	return hex.EncodeToString(sum[:3])
}

// findRoot looks upward for the go.mod of this module.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(strings.TrimSpace(string(text)), "module github.com/warmlyyours/hwdeploy\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no hwdeploy repository at or above %s: run from inside it, or set Options.Root", start)
		}
	}
}

// account settles the registry's user and password; a random password is kept
// in the state folder so that a second Up of the same lab knows it.
func (o Options) account(state string) (user, password string, err error) {
	if o.Anonymous {
		return "", "", nil
	}
	user, password = o.Username, o.Password
	if user == "" {
		user = "lab"
	}
	if password != "" {
		return user, password, nil
	}
	file := filepath.Join(state, "registry-password")
	if b, err := os.ReadFile(file); err == nil && len(b) > 0 {
		return user, string(b), nil
	}
	raw := make([]byte, 12)
	if _, err := rand.Read(raw); err != nil {
		return "", "", fmt.Errorf("make the registry's password: %w", err)
	}
	password = "lab-" + hex.EncodeToString(raw)
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		return "", "", fmt.Errorf("keep the registry's password: %w", err)
	}
	return user, password, nil
}
