package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

func (a *app) proxyCommand() *cobra.Command {
	fixed := func(m plan.Maker) func(*globals, []string) plan.Maker {
		return func(*globals, []string) plan.Maker { return m }
	}
	return group("proxy", "kamal-proxy on the hosts",
		a.change("boot", "Start the proxy, or run one", fixed(plan.ProxyBoot)),
		a.change("start", "Start the proxy's container", fixed(plan.ProxyStart)),
		a.change("stop", "Stop the proxy's container", fixed(plan.ProxyStop)),
		a.change("restart", "Stop and start the proxy's container", fixed(plan.ProxyRestart)),
		a.proxyReboot(), a.proxyRemove(), a.proxyLogs(), a.bootConfig(),
		hidden(a.change("remove_container", "Remove the stopped container", fixed(plan.ProxyRemovePart("remove_container")))),
		hidden(a.change("remove_image", "Remove the image", fixed(plan.ProxyRemovePart("remove_image")))),
		hidden(a.change("remove_proxy_directory", "Remove what the proxy keeps in files", fixed(plan.ProxyRemovePart("remove_proxy_directory")))),
		hidden(refused("upgrade")),
		question("details", "The proxy's container, and with --json what it serves", "Proxy", (*deploy.Engine).ProxyDetails).command(a),
	)
}

func (a *app) proxyReboot() *cobra.Command {
	rolling := false
	c := a.change("reboot", "Put a new proxy container in place of the old one", func(*globals, []string) plan.Maker {
		return plan.ProxyReboot(rolling)
	})
	c.Flags().BoolVar(&rolling, "rolling", false, "on one host after another")
	a.confirmed(c, "This will cause a brief outage on each host. Are you sure?")
	return c
}

func (a *app) proxyRemove() *cobra.Command {
	force := false
	c := a.change("remove", "Remove the proxy's container, image and files", func(*globals, []string) plan.Maker {
		return plan.ProxyRemove(force)
	})
	c.Flags().BoolVar(&force, "force", false, "also when apps need it")
	return c
}

func (a *app) proxyLogs() *cobra.Command {
	f := &logFlags{}
	c := &cobra.Command{Use: "logs", Short: "The proxy's log", Args: cobra.NoArgs}
	f.bindLogs(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		f.settle()
		return a.logs(cmd, f, "Proxy", func(e *deploy.Engine) []deploy.LogSource { return e.ProxyLogs(f.ContainerLogs) })
	}
	return c
}

// bootConfig is how proxies were set up before proxy/run.
func (a *app) bootConfig() *cobra.Command {
	g, o, asData := &globals{}, newBootOptions(), false
	c := &cobra.Command{
		Use: "boot_config set|get|reset", Short: "The older files by which a proxy is run; proxy/run in deploy.yml replaces them",
		Args: cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs), ValidArgs: []string{"set", "get", "reset"},
	}
	g.bind(c, true)
	jsonFlag(c, &asData)
	o.bind(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			e.Sink.Emit(event.Event{Type: event.Warning, Message: &event.Message{
				Text: "The proxy boot_config command is deprecated - set the config in the deploy YAML at proxy/run instead",
			}})
			switch args[0] {
			case "set":
				return e.BootConfigSet(ctx, o.config())
			case "reset":
				return e.BootConfigReset(ctx)
			}
			said, err := e.Ask(ctx, e.BootConfig(), asData)
			if err != nil {
				return err
			}
			return a.answer(g, "Proxy", said, asData)
		})
	}
	return c
}
