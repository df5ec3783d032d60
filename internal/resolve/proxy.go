package resolve

import (
	"strconv"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// mounted is where the proxy's container sees its folder of the host.
const mounted = "/home/kamal-proxy/.apps-config/"

// ProxyDeploy is what a role's container is given to the proxy with.
func ProxyDeploy(c *config.Config, role *config.Role, version, target string) kamal.ProxyDeploySpec {
	app := App(c)
	return kamal.ProxyDeploySpec{
		Service: app.Role(role.Name).Prefix(), Target: target,
		Options: proxyOptions(c, role.Proxy, mounted+app.Full()+"/tls/"+role.Name, version),
	}
}

// options collects flags in order; absent ones are left out.
type options []kamal.Pair

func (o *options) text(key, value string) {
	if value != "" {
		*o = append(*o, kamal.Pair{Key: key, Value: kamal.Text(value)})
	}
}

func (o *options) texts(key string, values []string) {
	for _, v := range values {
		*o = append(*o, kamal.Pair{Key: key, Value: kamal.Text(v)})
	}
}

func (o *options) number(key string, value *int, unit string) {
	if value != nil {
		o.text(key, strconv.Itoa(*value)+unit)
	}
}

func (o *options) flag(key string, value *bool) {
	if value == nil {
		return
	}
	kind := kamal.FalseValue
	if *value {
		kind = kamal.TrueValue
	}
	*o = append(*o, kamal.Pair{Key: key, Value: kamal.Value{Kind: kind}})
}

// proxyOptions are the flags in Kamal's order.
func proxyOptions(c *config.Config, p config.Proxy, tls, version string) []kamal.Pair {
	var o options
	o.texts("host", p.Hosts)
	if yes := true; p.SSL {
		o.flag("tls", &yes)
	}
	if p.CertificatePEM != "" && p.PrivateKeyPEM != "" {
		o.text("tls-certificate-path", tls+"/cert.pem")
		o.text("tls-private-key-path", tls+"/key.pem")
	}
	o.number("deploy-timeout", &c.DeployTimeout, "s")
	o.number("drain-timeout", &c.DrainTimeout, "s")
	o.number("health-check-interval", p.Health.Interval, "s")
	o.number("health-check-timeout", p.Health.Timeout, "s")
	if p.Health.PathSet || p.Health.Path != "" {
		o.texts("health-check-path", []string{p.Health.Path})
	}
	o.number("target-timeout", p.ResponseTimeout, "s")
	o.flag("buffer-requests", &p.Buffering.Requests)
	o.flag("buffer-responses", &p.Buffering.Responses)
	o.number("buffer-memory", p.Buffering.Memory, "")
	o.number("max-request-body", p.Buffering.MaxRequest, "")
	o.number("max-response-body", p.Buffering.MaxResponse, "")
	o.texts("path-prefix", p.PathPrefixes)
	o.flag("strip-path-prefix", p.StripPathPrefix)
	o.flag("forward-headers", p.ForwardHeaders)
	o.flag("tls-redirect", p.SSLRedirect)
	o.texts("log-request-header", p.RequestHeaders)
	o.texts("log-response-header", p.ResponseHeaders)
	if c.ErrorPagesPath != "" {
		o.text("error-pages", mounted+App(c).Full()+"/error_pages/"+kamal.Original(version))
	}
	return o
}

// ProxyRun is the line that runs the proxy on a host: as proxy/run says, or as
// the older files on the host do.
func ProxyRun(c *config.Config, host string) string {
	r := c.ProxyRunFor(host)
	if r == nil {
		return kamal.ProxyRunFromFiles()
	}
	spec := kamal.ProxyRunSpec{
		Publish: r.Publish, HTTPPort: r.HTTPPort, HTTPSPort: r.HTTPSPort, BindIPs: r.BindIPs, LogMaxSize: r.LogMaxSize,
		Debug: r.Debug, Options: Pairs(r.Options), Image: ProxyImage(c, host),
	}
	if r.MetricsPort != nil {
		spec.MetricsPort = *r.MetricsPort
	}
	return spec.Line()
}

// ProxyImage is the image that ProxyRun runs on a host, in words of its shell.
func ProxyImage(c *config.Config, host string) string {
	r := c.ProxyRunFor(host)
	if r == nil {
		return kamal.ProxyImageFromFiles
	}
	image := r.Repository + ":" + r.Version
	if r.Registry != "" {
		image = r.Registry + "/" + image
	}
	return image
}
