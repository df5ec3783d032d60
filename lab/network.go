package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The address plan inside a lab's /24.
const (
	gatewayOctet  = 1
	registryOctet = 5
	dbOctet       = 6
	s3Octet       = 7
	hostOctet     = 10 // lab-1 is .11
)

func (l *Lab) network() string { return fmt.Sprintf("hwdeploy-%s-%s", l.Name, l.root) }

// ip is the address with that last octet.
func (l *Lab) ip(last int) string {
	return fmt.Sprintf("%s.%d", strings.TrimSuffix(l.Subnet, ".0/24"), last)
}

// ensureNetwork finds the lab's network or makes it on the first /24 of
// 172.28.0.0/16 that no other network of the engine has.
func (l *Lab) ensureNetwork(ctx context.Context) error {
	out, err := docker(ctx, "network", "ls", "--quiet", "--filter", "label="+label+"="+l.Name, "--filter", "label="+labelRoot+"="+l.root)
	if err != nil {
		return err
	}
	if id := strings.TrimSpace(out); id != "" {
		out, err = docker(ctx, "network", "inspect", "--format", "{{range .IPAM.Config}}{{.Subnet}}{{end}}", id)
		l.Subnet = strings.TrimSpace(out)
		return err
	}
	var last error
	for n := range 256 {
		l.Subnet = fmt.Sprintf("172.28.%d.0/24", n)
		_, last = docker(ctx, append(append([]string{"network", "create", "--internal"}, l.owned()...),
			"--subnet", l.Subnet, "--gateway", l.ip(gatewayOctet), l.network())...)
		var failed *CommandError
		if last == nil || !errors.As(last, &failed) || !strings.Contains(failed.Stderr, "overlap") {
			break
		}
	}
	return last
}
