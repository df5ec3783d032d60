package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker for releases; see the Makefile.
var release string

// version is the release, or what the build knows of its commit.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

func (a *app) versionCommand() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "version", Short: "Print the version of hwdeploy", Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := g.checkFilters(cmd.Context(), g.in(a, cmd)); err != nil {
			return err // as Kamal, which filters before every command
		}
		_, err := fmt.Fprintln(a.stdout, version())
		return err
	}
	return c
}
