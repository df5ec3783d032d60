package main

import (
	"reflect"
	"testing"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// What --dry-run shows is what the same flags would do.
func TestADryRunHonoursTheFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want deploy.Request
	}{
		{nil, deploy.Request{Migrate: true}},
		{[]string{"--skip-migrate"}, deploy.Request{}},
		{[]string{"--no-migrate", "-e", "--purge-full"}, deploy.Request{Extras: deploy.Extras{Worker: true, Everything: true}}},
		{[]string{"-H", "--if-changed", "-r"}, deploy.Request{Migrate: true, SkipHooks: true, IfChanged: true, Extras: deploy.Extras{Redirects: true}}},
	} {
		f := &flowFlags{}
		cmd := &cobra.Command{Use: "staging"}
		f.bind(cmd, false)
		f.bindRollout(cmd)
		f.bindFlow(cmd.Flags())
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		c.want.Command, c.want.Flow = "deploy", true
		if got := f.preview(cmd).request; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: got %+v, want %+v", c.args, got, c.want)
		}
	}
}
