package lab

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/warmlyyours/hwdeploy/lab/relay"
)

// Relays are a way to the hosts' sshd that can be made bad: one relay per host,
// on loopback addresses of their own and one port, with an ssh_config and a
// known_hosts that lead through them. They count round trips together.
type Relays struct {
	ByHost     map[string]*relay.Relay
	Port       int // in deploy.yml: ssh.port, since Kamal takes no port from ssh_config
	SSHConfig  string
	KnownHosts string
}

// Relays starts the relays and writes their files into dir. They live until
// Close, or until ctx ends.
func (l *Lab) Relays(ctx context.Context, dir string) (*Relays, error) {
	r := &Relays{ByHost: map[string]*relay.Relay{}, SSHConfig: filepath.Join(dir, "ssh_config"), KnownHosts: filepath.Join(dir, "known_hosts")}
	var last error
	for range 10 { // a port that is free on the first address may be taken on the others
		if last = r.listen(ctx, l.Hosts); last == nil {
			to := map[string]string{}
			for i, h := range l.Hosts {
				to[h.Name] = loopback(i)
			}
			return r, l.WriteSSHFiles(r.SSHConfig, r.KnownHosts, to, r.Port)
		}
		r.Close()
	}
	return nil, last
}

func loopback(i int) string { return fmt.Sprintf("127.0.0.%d", 10+i) }

func (r *Relays) listen(ctx context.Context, hosts []*Host) error {
	clock, port := &relay.Clock{}, "0"
	for i, h := range hosts {
		one, err := relay.Listen(ctx, net.JoinHostPort(loopback(i), port), h.IP+":22", clock)
		if err != nil {
			return err
		}
		r.ByHost[h.Name] = one
		if _, port, err = net.SplitHostPort(one.Addr()); err != nil {
			return err
		}
	}
	_, err := fmt.Sscan(port, &r.Port)
	return err
}

// SetLatency sets the one-way delay to all hosts.
func (r *Relays) SetLatency(oneWay time.Duration) {
	for _, one := range r.ByHost {
		one.SetLatency(oneWay)
	}
}

// SetBandwidth limits each host's way in each direction, in bytes a second.
func (r *Relays) SetBandwidth(bytesPerSecond int) {
	for _, one := range r.ByHost {
		one.SetBandwidth(bytesPerSecond)
	}
}

// Stats adds up the counts of all; RoundTrips is that of the longest chain over
// all hosts together.
func (r *Relays) Stats() relay.Stats {
	var sum relay.Stats
	for _, one := range r.ByHost {
		s := one.Stats()
		sum.Connections, sum.Open, sum.Turns = sum.Connections+s.Connections, sum.Open+s.Open, sum.Turns+s.Turns
		sum.Up, sum.Down, sum.RoundTrips = sum.Up+s.Up, sum.Down+s.Down, max(sum.RoundTrips, s.RoundTrips)
	}
	return sum
}

// Reset sets all counts to zero.
func (r *Relays) Reset() {
	for _, one := range r.ByHost {
		one.Reset()
	}
}

// Close ends all.
func (r *Relays) Close() {
	for _, one := range r.ByHost {
		one.Close()
	}
}
