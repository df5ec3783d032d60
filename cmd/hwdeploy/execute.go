package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if err := hostsFlag(root, args); err != nil {
		return err
	}
	args = helpFirst(root, args)
	first := firstWord(args)
	if completes(args) && !a.asKamal && a.isDestination(args[2:], args[1]) {
		root.AddCommand(a.flowCommand(args[1]))
	}
	switch {
	case first == "" && len(args) > 0 && !slices.Contains([]string{"-h", "--help", "-v", "--version", "--"}, args[0]):
		return a.flagsFirst(ctx, root, args)
	case first == "help" && firstWord(args[1:]) != "":
		if err := a.helpTopic(root, args[1:]); err != nil {
			return err
		}
	case first == "" || isCommand(root, first):
	case !a.asKamal && a.isDestination(args[1:], first):
		root.AddCommand(a.flowCommand(first))
	default:
		words, err := a.expand(ctx, args)
		if err == nil {
			args, err = words, hostsFlag(root, words)
		}
		if err != nil {
			return a.notFound(root, args, err)
		}
	}
	args, err := subcommand(root, args)
	if err != nil {
		return usage("%v", err)
	}
	if err := unknownBelow(root, args); err != nil {
		return err
	}
	root.SetArgs(args)
	return asUsage(root.ExecuteContextC(ctx))
}

// completes tells whether a shell asks to complete a command line that has a
// first word.
func completes(args []string) bool {
	return len(args) > 2 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
}

// flagsFirst is a command line that begins with a flag. Without any other word
// it is the flow of a destination that is yet to be chosen.
func (a *app) flagsFirst(ctx context.Context, root *cobra.Command, args []string) error {
	_, words := early(args)
	if len(words) == 0 {
		if err := a.flowTakes(root, args); err != nil {
			return err
		}
		name, err := a.pickDestination(ctx, args)
		if name == "" && err == nil {
			return usage("no destination given; flags come behind it: hwdeploy DESTINATION %s\n  %s", strings.Join(args, " "), a.choice(args))
		}
		return a.picked(ctx, name, args, err)
	}
	why := ""
	if !isCommand(root, words[0]) && !a.isDestination(args, words[0]) {
		why = (&kamal.UnknownCommandError{Word: words[0]}).Error() + "\n  "
	}
	return usage("%sflags come behind the command: hwdeploy %s …", why, words[0])
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

// asUsage gives cobra's own complaints the exit code of a usage error, and says
// what the command takes.
func asUsage(cmd *cobra.Command, err error) error {
	var told *usageError
	if err == nil || errors.As(err, &told) {
		return err
	}
	text := err.Error()
	for _, start := range []string{"unknown command", "invalid argument", "accepts ", "requires "} {
		if strings.HasPrefix(text, start) {
			return usage("%s\n  use: %s", text, cmd.UseLine())
		}
	}
	for _, start := range []string{"required flag", "if any flags"} {
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
