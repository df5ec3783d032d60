package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// A word that nobody knows is told before cobra parses the flags behind it: they
// would be complained of in its place.

// unknown says that a word is no command, and what there is.
func (a *app) unknown(root *cobra.Command, word string, args []string, why string) error {
	for _, d := range a.destinations(args) { // they are suggested too
		root.AddCommand(&cobra.Command{Use: d, Run: func(*cobra.Command, []string) {}})
	}
	return usage("%s%s\n  %s", notThere(root, word), why, a.choice(args))
}

// notFound is a command line whose first word is no alias either. Mistakes in
// the configuration stay what they are.
func (a *app) notFound(root *cobra.Command, args []string, err error) error {
	var unknown *kamal.UnknownCommandError
	var unread *unreadAliases
	var mistakes *config.Errors
	switch {
	case errors.As(err, &unread):
		return a.unknown(root, unread.word, args, "\n  aliases can't be read: "+unread.why)
	case errors.As(err, &unknown) && unknown.Word != args[0]:
		return a.unknown(root, unknown.Word, args, "\n  the alias "+args[0]+" leads to it")
	case errors.As(err, &unknown):
		return a.unknown(root, unknown.Word, args, "")
	case errors.As(err, &mistakes):
		return err
	}
	return usage("%v", err)
}

// unreadAliases is a word that is no command; whether it is an alias is not known.
type unreadAliases struct{ word, why string }

func (e *unreadAliases) Error() string { return e.word + ": " + e.why }

// firstLine leaves out the line of the file and what is below it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// notThere says, with Kamal's text, that a command has no subcommand of a name.
func notThere(cmd *cobra.Command, name string) string {
	text := (&kamal.UnknownCommandError{Word: name}).Error()
	for _, s := range cmd.SuggestionsFor(name) {
		text += "\n  did you mean: " + cmd.CommandPath() + " " + s
	}
	return text
}

// unknownBelow is a second word that is no command of the group before it.
func unknownBelow(root *cobra.Command, args []string) error {
	if len(args) > 0 && args[0] == "help" {
		args = args[1:]
	}
	if len(args) < 2 || strings.HasPrefix(args[1], "-") {
		return nil
	}
	c := below(root, args[0])
	if c == nil || !c.HasSubCommands() || below(c, args[1]) != nil {
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	return usage("%s", notThere(c, args[1]))
}

// below is the command of a name, or of an alias of its own; nil when there is
// none.
func below(c *cobra.Command, name string) *cobra.Command {
	for _, s := range c.Commands() {
		if s.Name() == name || s.HasAlias(name) {
			return s
		}
	}
	return nil
}

// helpFirst makes `app help logs`, which is Kamal's too, `help app logs`.
func helpFirst(root *cobra.Command, args []string) []string {
	if len(args) < 2 || args[1] != "help" {
		return args
	}
	if c := below(root, args[0]); c == nil || !c.HasSubCommands() {
		return args
	}
	return append([]string{"help", args[0]}, args[2:]...)
}

// helpTopic makes sure that there is what help is asked for; a destination's is
// that of the flow.
func (a *app) helpTopic(root *cobra.Command, args []string) error {
	switch {
	case isCommand(root, args[0]):
		return nil
	case !a.asKamal && a.isDestination(args[1:], args[0]):
		root.AddCommand(a.flowCommand(args[0]))
		return nil
	}
	return a.unknown(root, args[0], args, "")
}

// flowTakes makes sure that the flow has the flags of a command line.
func (a *app) flowTakes(root *cobra.Command, args []string) error {
	c := a.flowCommand("DESTINATION")
	root.AddCommand(c)
	defer root.RemoveCommand(c)
	if err := c.ParseFlags(args); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return flagError(root, err)
	}
	return nil
}
