package vault_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault"
	"github.com/warmlyyours/hwdeploy/internal/vault/clitest"
)

// account is 1Password by a service account: reference → value.
type account struct {
	values map[string]string
	tokens []string
	asked  []string // each call's references, joined
}

func (a *account) resolve(_ context.Context, token secret.Secret, refs []string) (map[string]secret.Secret, map[string]error, error) {
	a.tokens = append(a.tokens, token.Reveal())
	a.asked = append(a.asked, strings.Join(refs, " "))
	values, failed := map[string]secret.Secret{}, map[string]error{}
	for _, ref := range refs {
		if v, ok := a.values[ref]; ok {
			values[ref] = secret.New(v)
		} else {
			failed[ref] = errors.New("no such item")
		}
	}
	return values, failed, nil
}

const odd = "p$a\n\"s's\\ {{ op://x/y/z }} \x01é\n"

func newAccount() *account {
	return &account{values: map[string]string{
		"op://IT/db/password": odd, "op://IT/My Item/section/field?attribute=otp": "123456", "op://IT/json/x": `{"K":"from $json"}`, "op://IT/a/b": "ab-value",
	}}
}

func TestReferencesAreResolvedInOneGo(t *testing.T) {
	a := newAccount()
	o := options(t, "A=op://IT/db/password\nB=\"op://IT/My Item/section/field?attribute=otp\"\nC=$A\nD=x-$A-y\nV=IT\nE=op://$V/a/b\nF=op://IT\nG=op://IT/db\nH=x op://IT/a/b\n")
	o.Environ = append(o.Environ, "OP_SERVICE_ACCOUNT_TOKEN=ops_token")
	o.OnePassword, o.Redactor = a.resolve, secret.NewRedactor()
	want := "A=" + odd + "\nB=123456\nC=" + odd + "\nD=x-" + odd + "-y\nV=IT\nE=ab-value\nF=op://IT\nG=op://IT/db\nH=x op://IT/a/b\n"
	if got := facts(t, o); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if len(a.asked) != 1 || a.asked[0] != "op://IT/db/password op://IT/My Item/section/field?attribute=otp op://IT/a/b" || a.tokens[0] != "ops_token" {
		t.Errorf("asked %q with %q", a.asked, a.tokens)
	}
	for _, s := range []string{"ab-value", odd, "ops_token"} {
		if o.Redactor.String(s) == s {
			t.Errorf("%q is not redacted", s)
		}
	}
}

func TestACommandThatNeedsAReferenceAsksForAll(t *testing.T) {
	a := newAccount()
	o := options(t, "A=op://IT/a/b\nB=$(echo \"<$A>\")\nJ=op://IT/json/x\nK=$(kamal secrets extract K $J)\nP=op://IT/db/password\n")
	o.Environ = append(o.Environ, "OP_SERVICE_ACCOUNT_TOKEN=t")
	o.OnePassword = a.resolve
	if got, want := facts(t, o), "A=ab-value\nB=<ab-value>\nJ={\"K\":\"from $json\"}\nK=from $json\nP="+odd+"\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if len(a.asked) != 1 {
		t.Errorf("asked %q", a.asked)
	}
}

func TestNoReferenceNoQuestion(t *testing.T) {
	a := newAccount()
	o := options(t, "A=1\nB='op://IT/a/b'\nC=$(echo op://IT/a/b)\nD=op://IT/a/b\nD=2\n")
	o.Environ = append(o.Environ, "OP_SERVICE_ACCOUNT_TOKEN=t")
	o.OnePassword = a.resolve
	if got, want := facts(t, o), "A=1\nB=op://IT/a/b\nC=op://IT/a/b\nD=2\n"; got != want || len(a.asked) > 0 {
		t.Errorf("got %q, asked %q", got, a.asked)
	}
}

func TestOverriddenReferencesAreNotAskedFor(t *testing.T) {
	a := newAccount()
	o := options(t, "A=op://IT/a/b\n")
	o.Environ = append(o.Environ, "OP_SERVICE_ACCOUNT_TOKEN=t")
	o.OnePassword = a.resolve
	write(t, o.Dir, ".kamal/secrets-common", "A=op://IT/nowhere/x\n")
	if got := facts(t, o); got != "A=ab-value\n" || strings.Join(a.asked, "|") != "op://IT/a/b" {
		t.Errorf("got %q, asked %q", got, a.asked)
	}
	a.asked = nil // also when a command needs one in the middle
	o.Dir = options(t, "B=2\nD=op://IT/a/b\nC=$(echo $D)\n").Dir
	write(t, o.Dir, ".kamal/secrets-common", "B=op://IT/nowhere/x\n")
	if got := facts(t, o); got != "B=2\nD=ab-value\nC=ab-value\n" || strings.Join(a.asked, "|") != "op://IT/a/b" {
		t.Errorf("got %q, asked %q", got, a.asked)
	}
	a.asked = nil
	o.Dir = options(t, "A=op://IT/a/b\n").Dir
	if got := facts(t, o); got != "A=ab-value\n" || strings.Join(a.asked, "|") != "op://IT/a/b" {
		t.Errorf("got %q, asked %q", got, a.asked)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFailedReferencesAreAllNamed(t *testing.T) {
	a := newAccount()
	o := options(t, "A=op://IT/no/x\nB=op://IT/a/b\nC=op://IT/nope/y\n")
	o.Environ = append(o.Environ, "OP_SERVICE_ACCOUNT_TOKEN=t")
	o.OnePassword = a.resolve
	_, err := vault.New(o).All(t.Context())
	want := ".kamal/secrets:1: A: 1Password: op://IT/no/x: no such item\n.kamal/secrets:3: C: 1Password: op://IT/nope/y: no such item"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	o.Dir = options(t, "A=op://IT/no/x\nB=$(echo $A)").Dir
	if _, err = vault.New(o).All(t.Context()); err == nil || err.Error() != ".kamal/secrets:2: B: 1Password: op://IT/no/x: no such item" {
		t.Errorf("got %v", err)
	}
}

func TestTokenFile(t *testing.T) {
	a := newAccount()
	o := options(t, "A=op://IT/a/b\nT=$(printenv OP_SERVICE_ACCOUNT_TOKEN OP_CONNECT_HOST OP_CONNECT_TOKEN)\n")
	write(t, o.Dir, ".kamal/.op-service-account-token", " ops_file\n\n")
	o.Environ = append(o.Environ, "OP_CONNECT_HOST=h", "OP_CONNECT_TOKEN=t")
	o.OnePassword = a.resolve
	if got := facts(t, o); got != "A=ab-value\nT=ops_file\n" || strings.Join(a.tokens, " ") != "ops_file" {
		t.Errorf("got %q, tokens %q", got, a.tokens)
	}
	o.Environ = append(o.Environ, "OP_SERVICE_ACCOUNT_TOKEN=ops_env")
	if got := facts(t, o); got != "A=ab-value\nT=ops_env\n" || strings.Join(a.tokens, " ") != "ops_file ops_env" {
		t.Errorf("got %q, tokens %q", got, a.tokens)
	}
}

// A token that others can read, or that git might ship, is not used.
// An empty token file is none: a person may have to approve.
func TestUnattended(t *testing.T) {
	for text, want := range map[string]bool{"": false, "ops_file": true} {
		o := options(t, "")
		write(t, o.Dir, vault.TokenFile, text)
		if got := vault.New(o).Unattended(); got != want {
			t.Errorf("a file with %q: %v", text, got)
		}
	}
}

func TestTokenFileIsRefused(t *testing.T) {
	a := newAccount()
	o := options(t, "A=op://IT/a/b\n")
	o.OnePassword = a.resolve
	file := filepath.Join(o.Dir, vault.TokenFile)
	write(t, o.Dir, vault.TokenFile, "ops_file")
	for _, c := range []struct {
		mode    os.FileMode
		ignored bool
		broken  error
		says    string
	}{
		{0o640, true, nil, ".kamal/.op-service-account-token: others can read it (mode 0640): chmod 600 .kamal/.op-service-account-token"},
		{0o604, true, nil, "others can read it (mode 0604)"},
		{0o600, false, nil, "git does not ignore it: add .kamal/.op-service-account-token to .gitignore"},
		{0o600, false, errors.New("git is ill"), "git is ill"},
	} {
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		o.Ignored = func(_ context.Context, path string) (bool, error) {
			return c.ignored && path == vault.TokenFile, c.broken
		}
		_, err := vault.New(o).All(t.Context())
		var bad *vault.FileError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "ops_file") {
			t.Errorf("%04o, ignored %v: %v", c.mode, c.ignored, err)
		}
	}
	if len(a.asked) != 0 {
		t.Errorf("it was used: %q", a.asked)
	}
	o.Environ = append(o.Environ, "OP_SERVICE_ACCOUNT_TOKEN=ops_env")
	if _, err := vault.New(o).All(t.Context()); err != nil || strings.Join(a.tokens, " ") != "ops_env" {
		t.Errorf("the environment's token does not need the file: %v, %q", err, a.tokens)
	}
}

// opInject is a script that does what `op inject` does to a template: values
// come from files, none from a command line.
const opInject = `template=$(cat; echo .); template=${template%.}
printf '%s' "$template" >"$HOME/template"
while :; do
  case $template in *'{{ '*) ;; *) break;; esac
  printf '%s' "${template%%\{\{ *}"
  template=${template#*\{\{ }
  case ${template%%" }}"*} in
    op://IT/db/password) cat "$HOME/odd";;
    op://IT/a/b) printf ab-value;;
    *) echo "[ERROR] could not resolve ${template%%" }}"*}: item not found" >&2; exit 1;;
  esac
  template=${template#*" }}"}
done
printf '%s\n' "$template"`

func opOptions(t *testing.T, secrets string, calls ...clitest.Call) (vault.Options, *clitest.Programs) {
	t.Helper()
	p := clitest.New(t)
	p.Add("op", calls...)
	write(t, p.Dir, "odd", odd)
	o := options(t, secrets)
	o.Environ = p.Environ()
	return o, p
}

func TestReferencesByTheOpProgram(t *testing.T) {
	o, p := opOptions(t, "A=op://IT/db/password\nB=op://IT/a/b\n",
		clitest.Call{Args: []string{"inject", "--account", "my team"}, Then: opInject})
	o.Account = "my team"
	if got, want := facts(t, o), "A="+odd+"\nB=ab-value\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := p.Calls(); got != "op <inject><--account><my team>\n" {
		t.Errorf("calls %q", got)
	}
}

func TestATokenWithoutTheSDKGoesToTheOpProgram(t *testing.T) {
	o, _ := opOptions(t, "B=op://IT/a/b\n",
		clitest.Call{Args: []string{"inject"}, Env: []string{"OP_SERVICE_ACCOUNT_TOKEN=ops_file", "OP_CONNECT_HOST="}, Then: opInject})
	o.Environ = append(o.Environ, "OP_CONNECT_HOST=x")
	write(t, o.Dir, ".kamal/.op-service-account-token", "ops_file")
	if got := facts(t, o); got != "B=ab-value\n" {
		t.Errorf("got %q", got)
	}
}

func TestOpProgramFails(t *testing.T) {
	o, _ := opOptions(t, "A=op://IT/db/password\nB=op://IT/no/x\n", clitest.Call{Args: []string{"inject"}, Then: opInject})
	_, err := vault.New(o).All(t.Context())
	var exit *run.ExitError
	if !errors.As(err, &exit) || !strings.Contains(err.Error(), "op://IT/no/x: item not found") || !strings.Contains(err.Error(), "op signin") {
		t.Errorf("got %v", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), odd[:5]) {
		t.Errorf("the error tells a value: %v", err)
	}
	o, _ = opOptions(t, "A=op://IT/a/b\n", clitest.Call{Args: []string{"inject"}, Out: "something else"})
	if _, err = vault.New(o).All(t.Context()); err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("got %v", err)
	}
	o = options(t, "A=op://IT/a/b\n")
	o.Environ = []string{"PATH=" + t.TempDir()}
	var said strings.Builder
	o.Stderr = &said
	var missing *vault.MissingProgramError
	if _, err = vault.New(o).All(t.Context()); !errors.As(err, &missing) || !strings.Contains(err.Error(), `.kamal/secrets: 1Password: program "op" is not installed, or not in PATH; `) || said.String() != "" {
		t.Errorf("got %v, and %q", err, &said)
	}
}
