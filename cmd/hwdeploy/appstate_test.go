package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// Nought seconds are a wish like any other: requests under way are cut at once.
func TestMaintenanceDrainsAsLongAsItIsTold(t *testing.T) {
	in := plan.Input{Config: &config.Config{Service: "shop", DrainTimeout: 30}}
	for args, want := range map[string]string{"": `"30s"`, "--drain-timeout=0": `"0s"`, "--drain-timeout=5": `"5s"`} {
		m := maintenance{}
		c := &cobra.Command{}
		m.bind(c)
		if err := c.ParseFlags(strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		if line := m.line(in, "web"); line != "docker exec kamal-proxy kamal-proxy stop shop-web --drain-timeout="+want {
			t.Errorf("%q: %s", args, line)
		}
	}
}
