package main

import (
	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// bootOptions are the flags of proxy boot_config set.
type bootOptions struct{ kamal.BootConfig }

func newBootOptions() *bootOptions { return &bootOptions{kamal.DefaultBootConfig()} }

func (o *bootOptions) config() kamal.BootConfig { return o.BootConfig }

func (o *bootOptions) bind(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.Publish, "publish", true, "publish the proxy's ports on the host")
	f.StringSliceVar(&o.BindIPs, "publish-host-ip", nil, "addresses to publish on; default: all")
	f.IntVar(&o.HTTPPort, "http-port", o.HTTPPort, "port for HTTP")
	f.IntVar(&o.HTTPSPort, "https-port", o.HTTPSPort, "port for HTTPS")
	f.StringVar(&o.LogMaxSize, "log-max-size", o.LogMaxSize, "size of a log file")
	f.StringVar(&o.Registry, "registry", "", "registry of the proxy's image")
	f.StringVar(&o.Repository, "repository", "", "its owner there")
	f.StringVar(&o.ImageVersion, "image-version", o.ImageVersion, "its tag")
	f.IntVar(&o.MetricsPort, "metrics-port", 0, "port for metrics")
	f.BoolVar(&o.Debug, "debug", false, "let the proxy log more")
	f.StringSliceVar(&o.DockerOptions, "docker-options", nil, "more options of docker run, OPTION=VALUE")
}
