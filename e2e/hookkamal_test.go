package e2e

import (
	"strings"
	"testing"
)

// While a user's hook runs, `kamal` on its PATH is hwdeploy: questions are
// answered, and what the deploy holds, the deploy lock, is not taken again.
func TestHooksCallKamal(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\n{ kamal app version -d lab; kamal lock status -d lab; kamal app exec -d lab --primary --roles web 'echo from the hook'; } > said 2>&1\n"); err != nil {
		t.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
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
