package sshexec

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// address is what a person writes for a host. Empty user and zero port = not said.
type address struct {
	user, host string
	port       int
}

// parseAddress reads host, user@host:port, [v6]:port, a bare v6, and ssh:// URLs.
func parseAddress(s string) (address, error) {
	if strings.HasPrefix(s, "ssh://") {
		return parseURL(s)
	}
	var a address
	rest := s
	if i := strings.LastIndex(s, "@"); i >= 0 {
		a.user, rest = s[:i], s[i+1:]
	}
	a.host = rest
	if strings.Count(rest, ":") == 1 || strings.HasPrefix(rest, "[") && strings.Contains(rest, "]:") {
		host, port, err := net.SplitHostPort(rest)
		if err != nil {
			return address{}, fmt.Errorf("host %q: %w", s, err)
		}
		if a.port, err = parsePort(port); err != nil {
			return address{}, fmt.Errorf("host %q: %w", s, err)
		}
		a.host = host
	}
	a.host = strings.TrimSuffix(strings.TrimPrefix(a.host, "["), "]")
	return a, a.check(s)
}

func parseURL(s string) (address, error) {
	u, err := url.Parse(s)
	if err != nil {
		return address{}, fmt.Errorf("host %q: %w", s, err)
	}
	a := address{user: u.User.Username(), host: u.Hostname()}
	if p := u.Port(); p != "" {
		if a.port, err = parsePort(p); err != nil {
			return address{}, fmt.Errorf("host %q: %w", s, err)
		}
	}
	return a, a.check(s)
}

// check refuses names that could reach a shell through ProxyCommand's %h.
func (a address) check(s string) error {
	if a.host == "" {
		return fmt.Errorf("host %q: the name is empty", s)
	}
	for _, part := range []string{a.host, a.user} {
		if strings.ContainsAny(part, " \t\n'\"`$\\;&|<>(){}") || strings.HasPrefix(part, "-") {
			return fmt.Errorf("host %q: a name cannot have these characters", s)
		}
	}
	return nil
}

func parsePort(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("port %q is not a number from 1 to 65535", s)
	}
	return int(n), nil
}
