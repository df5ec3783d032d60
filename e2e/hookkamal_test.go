package e2e

import (
	"strings"
	"testing"
)

// While a user's hook runs, `kamal` on its PATH is hwdeploy: questions are
// answered, and what the deploy holds, the deploy lock, is not taken again.
func TestHooksCallKamal(t *testing.T) {
	o := twoHosts()
	o.Hooks = map[string]string{"pre-deploy": "#!/bin/sh\n{ kamal app version -d lab; kamal lock status -d lab; kamal app exec -d lab --primary --roles web 'echo from the hook'; } > said 2>&1\n"}
	w, v1 := live(t, o)
	w.commit("second")
	w.must("lab")
	said := w.read("said")
	for _, want := range []string{"App Host: lab-1\n" + v1, "Locked by: Lab at ", "from the hook"} {
		if !strings.Contains(said, want) {
			t.Errorf("the hook's kamal lacks %q:\n%s", want, said)
		}
	}
	w.wantUnlocked()
}
