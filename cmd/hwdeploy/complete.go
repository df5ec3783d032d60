package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
)

// completer gives the words that may stand at a place. It asks files here only,
// never a host.
type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// completions teaches the tree what flags and arguments may be.
func (a *app) completions(root *cobra.Command) {
	words := func(list func(g globals) []string) completer {
		return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 && c.Flags().Lookup("destination") == nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			g, _ := early(flagWords(c))
			return list(g), cobra.ShellCompDirectiveNoFileComp
		}
	}
	destinations := words(func(g globals) []string { return a.destinations([]string{"-c", g.configFile}) })
	flags := map[string]completer{
		"destination": words(func(g globals) []string { return a.overlays(g) }),
		"hosts":       words(func(g globals) []string { return a.fromConfig(g, (*config.Config).AllHosts) }),
		"roles":       words(func(g globals) []string { return a.fromConfig(g, roleNames) }),
		"output":      words(func(globals) []string { return outputs }),
		"version":     words(func(globals) []string { return a.revisions() }),
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for name, f := range flags {
			if c.Flags().Lookup(name) != nil {
				c.RegisterFlagCompletionFunc(name, f) //nolint:errcheck,gosec // it fails for unknown flags and second tries only
			}
		}
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(root)
	root.ValidArgsFunction = destinations
	for name, f := range map[string]completer{"plan": destinations, "rollback": words(func(globals) []string { return a.revisions() })} {
		if c, _, err := root.Find([]string{name}); err == nil && c != root {
			c.ValidArgsFunction = f
		}
	}
	accessories := words(func(g globals) []string { return a.fromConfig(g, accessoryWords) })
	for _, c := range below(root, "accessory").Commands() {
		c.ValidArgsFunction = func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 { // a command of the accessory's
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return accessories(c, args, word)
		}
	}
}

// flagWords are the flags of a command as they were typed, for early.
func flagWords(c *cobra.Command) []string {
	var out []string
	for _, name := range []string{"config-file", "destination"} {
		if f := c.Flags().Lookup(name); f != nil && f.Changed {
			out = append(out, "--"+name, f.Value.String())
		}
	}
	return out
}

// overlays are what -d may be: the destinations that have a file.
func (a *app) overlays(g globals) []string {
	var out []string
	for _, d := range a.destinations([]string{"-c", g.configFile}) {
		if _, err := os.Stat(destinationFile(filepath.Join(a.dir, g.configFile), d)); err == nil {
			out = append(out, d)
		}
	}
	return out
}

// fromConfig asks the configuration; nothing when it does not load.
func (a *app) fromConfig(g globals, ask func(*config.Config) []string) []string {
	w := a.world()
	w.ConfigFile, w.Destination = g.configFile, g.destination
	cfg, err := config.Load(context.Background(), w.options())
	if err != nil {
		return nil
	}
	return ask(cfg)
}

func accessoryWords(cfg *config.Config) []string {
	out := []string{"all"}
	for _, x := range cfg.Accessories {
		out = append(out, x.Name)
	}
	return out
}

func roleNames(cfg *config.Config) []string {
	var out []string
	for _, r := range cfg.Roles {
		out = append(out, r.Name)
	}
	return out
}

// revisions are the newest commits, which is what versions are called.
func (a *app) revisions() []string {
	list, err := a.world().repo().Recent(context.Background(), 20)
	if err != nil {
		return nil
	}
	return list
}
