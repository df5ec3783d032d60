package lab

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
)

// makeKey gives the lab its key pair, unless it has one.
func (l *Lab) makeKey() error {
	l.Key = filepath.Join(l.Dir, "id_ed25519")
	l.SSHConfig, l.KnownHosts = filepath.Join(l.Dir, "ssh_config"), filepath.Join(l.Dir, "known_hosts")
	if _, err := os.Stat(l.Key + ".pub"); err == nil {
		return nil
	}
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make the lab's key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(priv, "lab "+l.Name)
	if err != nil {
		return fmt.Errorf("make the lab's key: %w", err)
	}
	line, err := ssh.NewPublicKey(pub)
	if err != nil {
		return fmt.Errorf("make the lab's key: %w", err)
	}
	if err := writeFile(l.Key, string(pem.EncodeToMemory(block)), 0o600); err != nil {
		return err
	}
	return writeFile(l.Key+".pub", string(ssh.MarshalAuthorizedKey(line)), 0o644)
}

// writeSSHFiles writes ssh_config and known_hosts for the hosts as they are.
func (l *Lab) writeSSHFiles() error {
	to := map[string]string{}
	for _, h := range l.Hosts {
		to[h.Name] = h.IP
	}
	return l.WriteSSHFiles(l.SSHConfig, l.KnownHosts, to, 22)
}

// WriteSSHFiles writes an ssh_config in which each host name leads to the
// address in to (IP without port), and the known_hosts that goes with it. For
// ways that lead through a relay; see Relays.
func (l *Lab) WriteSSHFiles(config, knownHosts string, to map[string]string, port int) error {
	var c, k strings.Builder
	for _, h := range l.Hosts {
		fmt.Fprintf(&c, "Host %s\n  HostName %s\n  Port %d\n", h.Name, to[h.Name], port)
		for _, key := range h.HostKeys {
			fmt.Fprintf(&k, "%s,%s %s\n", knownName(h.Name, port), knownName(to[h.Name], port), key)
		}
	}
	fmt.Fprintf(&c, "Host lab-*\n  User root\n  IdentityFile %s\n  IdentitiesOnly yes\n  UserKnownHostsFile %s\n  StrictHostKeyChecking yes\n", l.Key, knownHosts)
	if err := writeFile(config, c.String(), 0o644); err != nil {
		return fmt.Errorf("write the lab's ssh_config: %w", err)
	}
	if err := writeFile(knownHosts, k.String(), 0o644); err != nil {
		return fmt.Errorf("write the lab's known_hosts: %w", err)
	}
	return nil
}

func knownName(host string, port int) string {
	if port == 22 {
		return host
	}
	return fmt.Sprintf("[%s]:%d", host, port)
}

// WriteHome makes dir a home folder (for HOME) whose .ssh/config and
// .ssh/known_hosts are the lab's, for programs that read only those.
func (l *Lab) WriteHome(dir string) error {
	to := map[string]string{}
	for _, h := range l.Hosts {
		to[h.Name] = h.IP
	}
	return l.WriteSSHFiles(filepath.Join(dir, ".ssh", "config"), filepath.Join(dir, ".ssh", "known_hosts"), to, 22)
}
