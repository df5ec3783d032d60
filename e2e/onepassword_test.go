package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const opAccount = "lab.example.test"

// opProgram puts a stand-in for 1Password's program on the PATH: it takes the
// arguments of `op inject` and no others, and knows the values of a few
// references. It gives the folder in which it notes its calls; without the file
// signed-out in it somebody is signed in.
func (w *world) opProgram(values map[string]string) string {
	w.Helper()
	dir := w.TempDir()
	rules := ""
	for ref, value := range values {
		rules += "s|{{ " + ref + " }}|" + value + "|g\n"
	}
	script := `#!/bin/sh
PATH=/usr/bin:/bin
echo "$*" >>` + dir + `/calls
case "$*" in
  inject | "inject --account ` + opAccount + `") ;;
  *) echo "[ERROR] unknown command, flag or account: $*" >&2; exit 1;;
esac
if [ -e ` + dir + `/signed-out ]; then echo "[ERROR] account is not signed in" >&2; exit 1; fi
sed -f ` + dir + `/rules >` + dir + `/out
if grep -q '{{ op://' ` + dir + `/out; then echo "[ERROR] could not resolve a reference: item not found" >&2; exit 1; fi
cat ` + dir + `/out
`
	for name, text := range map[string]string{"op": script, "rules": rules} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			w.Fatal(err)
		}
	}
	w.env = append(w.env, "PATH="+dir+":"+tools)
	return dir
}

// 1Password is asked once, before anything else: when nobody is signed in, or an
// item is not there, nothing is built and no host is touched.
func TestOnePasswordIsAskedOnceAndEarly(t *testing.T) {
	o := extended("  onepassword: {account: " + opAccount + "}\n")
	o.Secrets = map[string]string{"APP_KEY": "op://Lab/shop/key"}
	w := begin(t, o)
	op := w.opProgram(map[string]string{"op://Lab/registry/password": theLab.Registry.Password, "op://Lab/shop/key": "c4n$ary"})
	secrets := "KAMAL_REGISTRY_PASSWORD=op://Lab/registry/password\nAPP_KEY=op://Lab/shop/key\n"
	if err := w.project.Write(".kamal/secrets.lab", secrets); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(op, "signed-out"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := fingerprints(w)
	refused := w.hwdeploy("lab")
	if refused.code == 0 || !strings.Contains(refused.out, "op signin") {
		t.Errorf("nobody is signed in: exit %d\n%s", refused.code, refused.out)
	}
	if err := os.Remove(filepath.Join(op, "signed-out")); err != nil {
		t.Fatal(err)
	}
	if err := w.project.Write(".kamal/secrets.lab", secrets+"MORE=op://Lab/none/x\n"); err != nil {
		t.Fatal(err)
	}
	refused = w.hwdeploy("lab")
	if refused.code == 0 || !strings.Contains(refused.out, "item not found") || strings.Contains(refused.out, "build") {
		t.Errorf("no such item: exit %d\n%s", refused.code, refused.out)
	}
	if after := fingerprints(w); after != before {
		t.Errorf("a host was touched:\n%s\n%s", before, after)
	}
	if err := w.project.Write(".kamal/secrets.lab", secrets); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(op, "calls")); err != nil {
		t.Fatal(err)
	}
	w.must("lab")
	w.wantServes(w.revision(), "lab-1", "lab-2")
	calls, err := os.ReadFile(filepath.Join(op, "calls"))
	if err != nil || string(calls) != "inject --account "+opAccount+"\n" {
		t.Errorf("op was called: %q, %v", calls, err)
	}
	a, err := theLab.Host("lab-1").HTTP(t.Context(), "", "/env")
	if err != nil || !strings.Contains(a.Body, "APP_KEY=c4n$ary\n") {
		t.Errorf("the container's environment: %v\n%s", err, a.Body)
	}
}
