package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const long = `hwdeploy deploys containers with Kamal's files, without Ruby, Kamal or Docker here.

  hwdeploy <destination>   the whole flow: gate, build, push, migrate, swap
  hwdeploy deploy -d DEST  Kamal's bare deploy

Exit codes: 0 done or nothing to do · 1 failed, the old version serves · 2 usage ·
3 configuration · 4 unreachable or refused · 5 locked · 6 needs a person · 130 cancelled.

Flags of the flow, beside those of deploy (hwdeploy <destination> --help):
`

// flowHelp is what the flow's own flags do.
func flowHelp() string {
	fl := pflag.NewFlagSet("", pflag.ContinueOnError)
	(&flowFlags{}).bindFlow(fl)
	return strings.TrimRight(fl.FlagUsages(), "\n")
}

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	asked := false // for the version
	root := &cobra.Command{
		Use: "hwdeploy", Short: "Deploy containers with Kamal's files", Long: long + flowHelp(),
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asked {
				_, err := fmt.Fprintln(a.stdout, version())
				return err
			}
			if len(args) > 0 { // behind flags
				return a.unknown(cmd, args[0], args, "")
			}
			return a.noCommand(cmd)
		},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SuggestionsMinimumDistance = 2
	// Not cobra's own: SetVersionTemplate links text/template, whose look-ups of
	// methods by name keep every method of every package in the binary (10 MB).
	root.Flags().BoolVar(&asked, "version", false, "print the version")
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return checkValues(cmd.Flags()) }
	root.SetGlobalNormalizationFunc(normalize)
	root.AddCommand(
		a.setupCommand(), a.deployCommand(), a.redeployCommand(), a.planCommand(), a.rollbackCommand(),
		a.historyCommand(), a.statusCommand(), a.recoverCommand(), a.doctorCommand(),
		a.appCommand(), a.proxyCommand(), a.accessoryCommand(), a.serverCommand(), a.detailsCommand(), a.removeCommand(),
		a.buildCommand(), a.registryCommand(), a.pruneCommand(), a.auditCommand(), a.lockCommand(), a.configCommand(), a.secretsCommand(), a.assetsCommand(), a.edgeCommand(),
		a.docsCommand(), a.schemaCommand(), a.initCommand(), a.versionCommand(), refused("upgrade"),
	)
	a.completions(root)
	return root
}

// noCommand is the command line without a command.
func (a *app) noCommand(cmd *cobra.Command) error {
	if name, err := a.pickDestination(cmd.Context(), nil); name != "" || err != nil {
		return a.picked(cmd.Context(), name, nil, err)
	}
	if err := cmd.Help(); err != nil {
		return err
	}
	return usage("no destination given\n  %s", a.choice(nil))
}

// picked runs the flow of a destination that was chosen from a list.
func (a *app) picked(ctx context.Context, name string, flags []string, err error) error {
	if err != nil {
		return err
	}
	return a.execute(ctx, append([]string{name}, flags...))
}

// group is a command that only has commands below it; help names them.
func group(name, short string, below ...*cobra.Command) *cobra.Command {
	var names []string
	for _, c := range below {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	short += " (" + strings.Join(names, ", ") + ")"
	c := &cobra.Command{Use: name, Short: short, Args: cobra.ArbitraryArgs, SuggestionsMinimumDistance: 2}
	c.AddCommand(below...)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usage("%s", notThere(cmd, args[0]))
	}
	return c
}

// flagError is a flag that a command does not have, or that lacks its value or
// has a wrong one.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		kinds := map[string]string{"int": "write a number", "bool": "write true or false"}
		if kind := kinds[wrong.GetFlag().Value.Type()]; kind != "" {
			text = strings.TrimSuffix(text, wrong.Unwrap().Error()) + kind // in place of strconv's words
		}
	}
	if cmd.Name() == "exec" && errors.As(err, new(*pflag.NotExistError)) { // a flag of the command that is to run
		text += "\n  quote the command, or write -- before it"
	}
	return usage("%s\n  see: %s --help", text, cmd.CommandPath())
}
