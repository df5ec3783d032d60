package main

import (
	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// globals are the flags that every command of Kamal's has.
type globals struct {
	verbose, quiet bool
	version        string
	primary        bool
	hosts, roles   string
	configFile     string
	destination    string
	skipHooks      bool
	output         string
	wait           bool
	waitTimeout    int
	waitInterval   int
}

// bind adds the flags to a command. short is false for the flow, whose -r has
// another meaning.
func (g *globals) bind(c *cobra.Command, short bool) {
	f := c.Flags()
	f.BoolVarP(&g.verbose, "verbose", "v", false, "show more: the forecast, hook and build output")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "show warnings and errors only")
	f.StringVar(&g.version, "version", "", "version to run; default: the commit")
	f.BoolVarP(&g.primary, "primary", "p", false, "the primary host only")
	f.StringVar(&g.hosts, "hosts", "", "hosts to run on, comma separated, with globs")
	if short {
		f.StringVarP(&g.roles, "roles", "r", "", "roles to run on, comma separated, with globs")
	} else {
		f.StringVar(&g.roles, "roles", "", "roles to run on, comma separated, with globs")
	}
	f.StringVarP(&g.configFile, "config-file", "c", config.DefaultFile, "configuration file")
	f.StringVarP(&g.destination, "destination", "d", "", "destination: reads config/deploy.<destination>.yml over the base")
	f.BoolVarP(&g.skipHooks, "skip-hooks", "H", false, "run no hooks")
	f.StringVar(&g.output, "output", "auto", "auto, tty, plain, github or json")
	f.BoolVar(&g.wait, "lock-wait", false, "wait for the deploy lock")
	f.IntVar(&g.waitTimeout, "lock-wait-timeout", 900, "seconds to wait for the lock at most")
	f.IntVar(&g.waitInterval, "lock-wait-interval", 15, "seconds between tries")
	if short {
		c.Flags().BoolP("help", "h", false, "help for "+c.Name())
	}
}

// world is the world of a command line without its flags.
func (a *app) world() *world {
	return &world{
		Dir: a.dir, Start: a.dir, Home: a.home, Environ: a.environ, Stdin: a.stdin, Stderr: a.stderr,
		ConfigFile: config.DefaultFile, Redactor: a.redactor, Program: a.program, Sink: nowhere{},
	}
}

// in is the world as the flags say.
func (g *globals) in(a *app, c *cobra.Command) *world {
	w := a.world()
	w.Sink = quiet{ui.NewPlain(a.stderr, false)} // warnings; jobs have a sink of their own
	w.AskHostKey = a.hostKeyAsker()
	w.ConfigFile, w.Destination, w.Version = g.configFile, g.destination, g.version
	w.Hosts, w.Roles, w.Primary = config.SplitFilter(g.hosts), config.SplitFilter(g.roles), g.primary
	w.Command = c.Name()
	if c.Annotations["flow"] != "" {
		w.Command = "deploy" // hooks know no destination's name as a command
	}
	if parent := c.Parent(); parent != nil && parent.HasParent() {
		w.Command, w.Subcommand = parent.Name(), c.Name()
	}
	return w
}
