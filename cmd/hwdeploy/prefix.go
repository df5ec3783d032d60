package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// ourOwn marks a subcommand that Kamal does not have: it has to be written out.
var ourOwn = map[string]string{"own": "yes"}

// subcommand completes the second word of a group of Kamal's, as Kamal does: `app
// cont` is `app containers`, and a dash is as good as an underscore.
func subcommand(root *cobra.Command, args []string) ([]string, error) {
	if len(args) < 2 || !slices.Contains(kamal.Commands(), args[0]) {
		return args, nil
	}
	group, _, err := root.Find(args[:1])
	if err != nil {
		return args, nil //nolint:nilerr // cobra says so itself
	}
	var kamals []string
	for _, c := range group.Commands() {
		switch {
		case c.Name() == args[1]:
			return args, nil
		case c.Annotations["own"] == "":
			kamals = append(kamals, c.Name())
		}
	}
	name, err := kamal.FindCommand(args[1], kamals)
	if err != nil || name == "" {
		return args, err
	}
	return append([]string{args[0], name}, args[2:]...), nil
}
