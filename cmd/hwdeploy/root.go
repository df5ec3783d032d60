package main

import (
	"github.com/spf13/cobra"
)

const long = `hwdeploy deploys containers with Kamal's files, without Ruby, Kamal or Docker here.

  hwdeploy <destination>   the whole flow: gate, build, push, migrate, swap
  hwdeploy deploy -d DEST  Kamal's bare deploy

Exit codes: 0 done or nothing to do · 1 failed, the old version serves · 2 usage ·
3 configuration · 4 unreachable or refused · 5 locked · 6 needs a person · 130 cancelled.`

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "hwdeploy", Short: "Deploy containers with Kamal's files", Long: long,
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.noCommand(cmd, args) },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetGlobalNormalizationFunc(normalize)
	root.AddCommand(
		a.deployCommand(), a.redeployCommand(), a.planCommand(), a.rollbackCommand(),
		a.appCommand(), a.lockCommand(), a.configCommand(), a.secretsCommand(),
		a.schemaCommand(), a.initCommand(), a.versionCommand(),
	)
	return root
}

// noCommand is the command line without a command, or with an unknown one.
func (a *app) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		if err := cmd.Help(); err != nil {
			return err
		}
		return usage("no destination given; there are: %v", a.destinations(nil))
	}
	text := "unknown command or destination " + quoted(args[0])
	for _, s := range cmd.SuggestionsFor(args[0]) {
		text += "\n  did you mean: hwdeploy " + s
	}
	return usage("%s\n  destinations: %v", text, a.destinations(args))
}

func quoted(s string) string { return `"` + s + `"` }
