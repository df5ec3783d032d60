package kamal

import (
	"net/netip"
	"strconv"
)

// ProxyDeploySpec is a `kamal-proxy deploy`: the service, its target and the
// options in the order in which Kamal sends them.
type ProxyDeploySpec struct {
	Service string
	Target  string // "short id:port"
	Options []Pair // without target
}

// Args are the words behind `kamal-proxy deploy SERVICE`.
func (s ProxyDeploySpec) Args() []string {
	return append([]string{"--target=" + Quote(s.Target)}, Optionize(s.Options, "=")...)
}

// Line is the whole command.
func (s ProxyDeploySpec) Line() string {
	return line([]string{"docker", "exec", "kamal-proxy", "kamal-proxy", "deploy", s.Service}, s.Args())
}

// ProxyLine is a `kamal-proxy COMMAND SERVICE` in the proxy's container.
func ProxyLine(command, service string, options []Pair) string {
	return line([]string{"docker", "exec", "kamal-proxy", "kamal-proxy", command, service}, Optionize(options, "="))
}

// proxyBase are the arguments that every proxy container has.
func proxyBase() []string {
	return []string{
		"--name", "kamal-proxy", "--network", "kamal", "--detach", "--restart", "unless-stopped",
		"--volume", "kamal-proxy-config:/home/kamal-proxy/.config/kamal-proxy",
		"--volume", "$PWD/.kamal/proxy/apps-config:/home/kamal-proxy/.apps-config",
	}
}

// ProxyRunSpec is proxy/run of a configuration.
type ProxyRunSpec struct {
	Publish             bool
	HTTPPort, HTTPSPort int
	BindIPs             []string
	LogMaxSize          string
	MetricsPort         int // 0 = none
	Debug               bool
	Image               string // with tag
	Options             []Pair
}

// Line runs the proxy as the configuration says.
func (s ProxyRunSpec) Line() string {
	words := append([]string{"docker", "run"}, proxyBase()...)
	words = append(words, s.publish()...)
	if s.LogMaxSize != "" {
		words = append(words, "--log-opt", "max-size="+s.LogMaxSize)
	}
	if s.MetricsPort != 0 {
		words = append(words, "--expose="+strconv.Itoa(s.MetricsPort))
	}
	words = append(words, Optionize(s.Options, " ")...)
	words = append(words, s.Image, "kamal-proxy", "run")
	if s.Debug {
		words = append(words, "--debug")
	}
	if s.MetricsPort != 0 {
		words = append(words, "--metrics-port", Quote(strconv.Itoa(s.MetricsPort)))
	}
	return line(words)
}

func (s ProxyRunSpec) publish() []string {
	if !s.Publish {
		return nil
	}
	ips := s.BindIPs
	if len(ips) == 0 {
		ips = []string{""}
	}
	var out []string
	for _, ip := range ips {
		out = append(out, "--publish", bind(ip)+strconv.Itoa(s.HTTPPort)+":80", "--publish", bind(ip)+strconv.Itoa(s.HTTPSPort)+":443")
	}
	return out
}

// bind puts a bare IPv6 address in brackets; anything else is taken as it is.
func bind(ip string) string {
	addr, err := netip.ParseAddr(ip)
	switch {
	case ip == "":
		return ""
	case err == nil && addr.Is6():
		return "[" + ip + "]:"
	}
	return ip + ":"
}

// ProxyRunFromFiles runs the proxy as the older files on the host say, with
// their defaults.
func ProxyRunFromFiles() string {
	return BootConfigGetLine() + " | xargs docker run " + line(proxyBase())
}

// ProxyDirLine makes the folder that the proxy mounts.
func (a App) ProxyDirLine() string { return "mkdir -p .kamal/proxy/apps-config" }
