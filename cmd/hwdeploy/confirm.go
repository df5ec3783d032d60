package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// confirmed makes a command ask before it runs, unless -y is given. Where nobody
// can be asked it is a usage error.
func (a *app) confirmed(c *cobra.Command, question string) {
	yes := false
	c.Flags().BoolVarP(&yes, "confirmed", "y", false, "do not ask")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c.PreRunE = func(cmd *cobra.Command, _ []string) error {
		dry := cmd.Flags().Lookup("dry-run")
		switch {
		case yes || dry != nil && dry.Changed:
			return nil
		case a.asker == nil:
			return usage("%s\n  there is no terminal to answer on: -y is yes", question)
		}
		sure, err := a.asker.Confirm(cmd.Context(), ui.Question{Title: question})
		if err == nil && !sure {
			err = errors.New("aborted")
		}
		return err
	}
}
