package registry

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// PlainHTTPError is a request that would have left this machine unencrypted.
type PlainHTTPError struct{ Host string }

func (e *PlainHTTPError) Error() string {
	return fmt.Sprintf("%s is only spoken to over https", e.Host)
}

// guard refuses plain HTTP. The library tries it by itself for private
// addresses, *.local and localhost whenever https fails.
type guard struct {
	next     http.RoundTripper
	allowed  bool // by Options.Insecure, for the registry itself
	registry string
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !g.lets(r.URL.Host) {
		if r.Body != nil {
			if err := r.Body.Close(); err != nil {
				return nil, err
			}
		}
		return nil, &PlainHTTPError{Host: r.URL.Host}
	}
	return g.next.RoundTrip(r)
}

// lets tells whether a host may be spoken to without encryption.
func (g *guard) lets(host string) bool { return local(hostname(host)) || g.allowed && g.same(host) }

// same compares without the port that plain HTTP may leave out. A token server
// on another port of the registry's host is the registry's.
func (g *guard) same(host string) bool {
	return hostname(host) == hostname(g.registry)
}

func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// local tells whether a name can only mean this machine.
func local(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
