package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }
func (e *usageError) ExitCode() int { return 2 }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// execute runs a command line: a command, else a destination (the guidebook's
// flow), else an alias of the configuration.
func (a *app) execute(ctx context.Context, args []string) error {
	root := a.root()
	if err := hostsFlag(root, args); err != nil {
		return err
	}
	first := firstWord(args)
	if first != "" && args[0] == first && !isCommand(root, first) {
		if a.isDestination(args, first) {
			root.AddCommand(a.flowCommand(first))
		} else if words, err := a.expand(ctx, args); err == nil {
			args = words
		} else if unknown := (*kamal.UnknownCommandError)(nil); !errors.As(err, &unknown) {
			return usage("%v", err)
		}
	}
	root.SetArgs(args)
	return asUsage(root.ExecuteContext(ctx))
}

// hostsFlag explains -h, which is Kamal's flag for hosts and help here.
func hostsFlag(root *cobra.Command, args []string) error {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if arg == "-h" && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") && !isCommand(root, args[i+1]) {
			return usage("-h is help; to select hosts write --hosts %s", args[i+1])
		}
	}
	return nil
}

func firstWord(args []string) string {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return ""
	}
	return args[0]
}

func isCommand(root *cobra.Command, name string) bool {
	for _, c := range root.Commands() {
		if c.Name() == name || slices.Contains(c.Aliases, name) {
			return true
		}
	}
	return name == "help" || name == "completion" || strings.HasPrefix(name, "__complete")
}

// isDestination tells whether a word names a destination: a file of that name
// beside the configuration, or the base file's own name.
func (a *app) isDestination(args []string, name string) bool {
	file := a.configFile(args)
	if _, err := os.Stat(destinationFile(file, name)); err == nil {
		return true
	}
	return name == a.baseName(args)
}

func destinationFile(file, name string) string {
	return strings.TrimSuffix(file, filepath.Ext(file)) + "." + name + ".yml"
}

// configFile finds -c in a command line that is not parsed yet.
func (a *app) configFile(args []string) string {
	file := config.DefaultFile
	for i, arg := range args {
		for _, flag := range []string{"-c", "--config-file", "--config_file"} {
			if arg == flag && i+1 < len(args) {
				file = args[i+1]
			} else if v, ok := strings.CutPrefix(arg, flag+"="); ok {
				file = v
			}
		}
	}
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(a.dir, file)
}

// baseName is what the base file is called on the command line.
func (a *app) baseName(args []string) string {
	w := a.world()
	w.ConfigFile = a.configFile(args)
	raw, err := config.LoadRaw(context.Background(), w.options())
	if err != nil {
		return "production"
	}
	if name := raw.Lookup("x-hwdeploy", "base_destination").Text(); name != "" {
		return name
	}
	return "production"
}

// destinations lists what `hwdeploy <destination>` may be.
func (a *app) destinations(args []string) []string {
	file := a.configFile(args)
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), stem+".*.yml"))
	if err != nil {
		files = nil
	}
	out := []string{a.baseName(args)}
	for _, f := range files {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), stem+"."), ".yml"))
	}
	sort.Strings(out)
	return out
}

// expand gives the command line behind an alias or the beginning of a command.
// As with Kamal the file is not validated for it, built-in commands and what
// begins one win over aliases, and arguments behind the alias are appended.
func (a *app) expand(ctx context.Context, args []string) ([]string, error) {
	return kamal.Expand(args, kamal.Commands(), func(name string) (string, bool, error) {
		w := a.world()
		w.ConfigFile = a.configFile(args[1:])
		w.Destination = destinationIn(args[1:])
		aliases, err := config.LoadAliases(ctx, w.options())
		if err != nil {
			return "", false, nil //nolint:nilerr // no file, no aliases: the word is unknown
		}
		for _, al := range aliases {
			if al.Name == name {
				return al.Line, true, nil
			}
		}
		return "", false, nil
	})
}

func destinationIn(args []string) string {
	for i, arg := range args {
		if (arg == "-d" || arg == "--destination") && i+1 < len(args) {
			return args[i+1]
		}
		if v, ok := strings.CutPrefix(arg, "--destination="); ok {
			return v
		}
	}
	return ""
}

// asUsage gives cobra's own complaints the exit code of a usage error.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "flag needs", "invalid argument", "accepts ", "requires ", "required flag", "if any flags"} {
		if strings.HasPrefix(text, start) {
			return &usageError{text}
		}
	}
	return err
}

// normalize lets flags be written with _ as with -.
func normalize(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
}
