package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// early reads those flags of a command line that count before its command is
// known; what it does not know it passes over.
func early(args []string) (g globals, words []string) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.SetNormalizeFunc(normalize)
	f.Usage = func() {}
	f.StringVarP(&g.configFile, "config-file", "c", config.DefaultFile, "")
	f.StringVarP(&g.destination, "destination", "d", "", "")
	f.StringVar(&g.hosts, "hosts", "", "")
	f.StringVarP(&g.roles, "roles", "r", "", "")
	f.BoolVarP(&g.primary, "primary", "p", false, "")
	f.BoolP("help", "h", false, "")
	if err := f.Parse(args); err != nil {
		return g, nil // the command itself reads its flags again and complains
	}
	return g, f.Args()
}

// expand gives the command line behind an alias or the beginning of a command.
// As with Kamal the file is not validated for it (unless hosts or roles are
// filtered: then it is loaded first), built-in commands and what begins one win
// over aliases, and arguments behind the alias are appended.
func (a *app) expand(ctx context.Context, args []string) ([]string, error) {
	g, _ := early(args[1:])
	w := a.world()
	w.ConfigFile, w.Destination = g.configFile, g.destination
	return kamal.Expand(args, kamal.Commands(), func(name string) (string, bool, error) {
		aliases, err := config.LoadAliases(ctx, w.options())
		switch {
		case err != nil && len(a.destinations(args)) == 0:
			return "", false, nil // no file, no aliases: the word is unknown
		case err != nil:
			return "", false, &unreadAliases{name, firstLine(err)}
		}
		i := slices.IndexFunc(aliases, func(al config.Alias) bool { return al.Name == name })
		if i < 0 {
			return "", false, nil
		}
		return aliases[i].Line, true, g.checkFilters(ctx, w)
	})
}

// checkFilters applies the filters of a command line, if it has any, to its
// configuration.
func (g *globals) checkFilters(ctx context.Context, w *world) error {
	if g.hosts == "" && g.roles == "" && !g.primary {
		return nil
	}
	cfg, err := config.Load(ctx, w.options())
	if err != nil {
		return err
	}
	_, err = cfg.Select(config.SplitFilter(g.hosts), config.SplitFilter(g.roles), g.primary)
	return err
}

// kamalWords makes a command line that was typed for Kamal ours: its -h names
// hosts unless it comes first.
func kamalWords(args []string) []string {
	out := slices.Clone(args)
	for i, arg := range out {
		if arg == "--" {
			break
		}
		if arg == "-h" && i > 0 && i+1 < len(out) && !strings.HasPrefix(out[i+1], "-") {
			out[i] = "--hosts"
		}
	}
	return out
}
