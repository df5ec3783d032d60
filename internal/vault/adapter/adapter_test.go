package adapter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault/adapter"
	"github.com/warmlyyours/hwdeploy/internal/vault/clitest"
	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// scene is one fetch: the program's calls, and what comes out.
type scene struct {
	name    string
	program string
	calls   []clitest.Call
	request adapter.Request
	env     []string
	want    string // JSON
	err     string // the beginning of the error
}

// ok, out and bad are calls that succeed silently, print, and fail.
func ok(args ...string) clitest.Call { return clitest.Call{Args: args} }

func out(text string, args ...string) clitest.Call { return clitest.Call{Args: args, Out: text} }

func bad(args ...string) clitest.Call { return clitest.Call{Args: args, Status: 1} }

// with adds variables that must be set.
func with(c clitest.Call, env ...string) clitest.Call {
	c.Env = env
	return c
}

func play(t *testing.T, name string, scenes []scene) {
	t.Helper()
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			p := clitest.New(t)
			if s.program != "" {
				p.Add(s.program, s.calls...)
			}
			got, err := fetch(t.Context(), name, shell(p, s.env...), s.request)
			switch {
			case s.err == "" && (err != nil || got != s.want):
				t.Errorf("got  %s, %v\nwant %s\ncalls:\n%s", got, err, s.want, p.Calls())
			case s.err != "" && (err == nil || !strings.HasPrefix(err.Error(), s.err)):
				t.Errorf("got  %v\nwant %s\ncalls:\n%s", err, s.err, p.Calls())
			}
			for i, c := range s.calls {
				if word := "<" + strings.Join(c.Args, "><") + ">\n"; !strings.Contains(p.Calls(), word) {
					t.Errorf("call %d was not made: %s", i, word)
				}
			}
		})
	}
}

func shell(p *clitest.Programs, env ...string) adapter.Shell {
	return adapter.Shell{Runner: run.Local{}, Dir: p.Dir, Environ: p.Environ(env...), Stderr: io.Discard}
}

func fetch(ctx context.Context, name string, sh adapter.Shell, r adapter.Request) (string, error) {
	a, err := adapter.Lookup(name)
	if err != nil {
		return "", err
	}
	o, err := a.Fetch(ctx, sh, r)
	if err != nil {
		return "", err
	}
	return ordered.Dump(o), nil
}

func TestLookup(t *testing.T) {
	for _, n := range []string{
		"1password", "1Password", "one_password", "OnePassword", "LastPass", "last_pass", "GCP", "gcp_secret_manager", "Bitwarden-SM",
		"bitwarden_secrets_manager", "aws_secrets_manager", "AwsSecretsManager", "bitwarden", "doppler", "enpass", "passbolt", "test", "Test",
	} {
		if _, err := adapter.Lookup(n); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
	for _, n := range []string{"", "op", "One_password", "DOPPLER", "aws", "base"} {
		if _, err := adapter.Lookup(n); err == nil || err.Error() != "Unknown secrets adapter: "+n {
			t.Errorf("%s: %v", n, err)
		}
	}
}

func TestProgramsThatAreMissing(t *testing.T) {
	for name, title := range map[string]string{
		"1password": "1Password CLI", "bitwarden": "Bitwarden CLI", "bitwarden-sm": "Bitwarden Secrets Manager CLI", "lastpass": "LastPass CLI",
		"aws_secrets_manager": "AWS CLI", "gcp": "gcloud CLI", "doppler": "Doppler CLI", "enpass": "Enpass CLI", "passbolt": "Passbolt CLI",
	} {
		p := clitest.New(t)
		_, err := fetch(t.Context(), name, shell(p, "PATH="+p.Dir), adapter.Request{Names: []string{"a/b/c"}, Account: "me"})
		var f *adapter.Failure
		if !errors.As(err, &f) || err.Error() != title+" is not installed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAccounts(t *testing.T) {
	for _, name := range []string{"1password", "bitwarden", "lastpass", "gcp", "test"} {
		if _, err := fetch(t.Context(), name, shell(clitest.New(t)), adapter.Request{Account: " "}); err == nil || err.Error() != "Missing required option '--account'" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReversing(t *testing.T) {
	play(t, "test", []scene{
		{name: "prefixed", request: adapter.Request{Names: []string{"LPARENaéRPAREN", "b"}, Account: "me", From: "v"}, want: `{"v/LPARENaéRPAREN":")éa(/v","v/b":"b/v"}`},
	})
}

const opFields = `[{"id":"1","label":"F1","value":"v$1","reference":"op://V/I/F1"},
 {"id":"2","label":"password","value":"p\n\"<é>","reference":"op://V/I/password"},{"id":"3","value":"s","reference":"op://V/I/Sec/F"}]`

func TestOnePassword(t *testing.T) {
	version, account := out("2.30.0\n", "--version"), ok("account", "get", "--account", "my account")
	request := func(from string, names ...string) adapter.Request {
		return adapter.Request{Names: names, Account: "my account", From: from}
	}
	get := func(item, vault string, more ...string) []string {
		return append([]string{"item", "get", item, "--vault", vault, "--format", "json", "--account", "my account"}, more...)
	}
	play(t, "1password", []scene{
		{name: "several fields are a list", program: "op", request: request("op://V/I", "F1", "password", "Sec/F"),
			calls: []clitest.Call{version, account, out(opFields, get("I", "V", "--fields", "label=F1,label=password,label=Sec.F")...)},
			want:  `{"V/I/F1":"v$1","V/I":"p\n\"<é>","V/I/Sec/F":"s"}`},
		{name: "one field is an object", program: "op", request: request("", "op://V/I/a/b/c"),
			calls: []clitest.Call{version, account, out(`{"value":"x","reference":"op://V/I/a/b/c"}`, get("I", "V", "--fields", "label=a.b.c")...)},
			want:  `{"V/I/a/b/c":"x"}`},
		{name: "no field is the password", program: "op", request: request("V", "My Item"),
			calls: []clitest.Call{version, account, out(`{"value":"x","reference":"op://V/My Item/password"}`, get("My Item", "V", "--fields", "label=password")...)},
			want:  `{"V/My Item":"x"}`},
		{name: "grouped by vault and item", program: "op", request: request("", "V/I/a", "W/I/b", "V/J/c", "V/I/d"),
			calls: []clitest.Call{version, account,
				out(`[{"value":"1","reference":"op://V/I/a"},{"value":"2","reference":"op://V/I/d"}]`, get("I", "V", "--fields", "label=a,label=d")...),
				out(`{"value":"3","reference":"op://V/J/c"}`, get("J", "V", "--fields", "label=c")...),
				out(`{"value":"4","reference":"op://W/I/b"}`, get("I", "W", "--fields", "label=b")...)},
			want: `{"V/I/a":"1","V/I/d":"2","V/J/c":"3","W/I/b":"4"}`},
		{name: "whole item", program: "op", request: request("op://V/I"),
			calls: []clitest.Call{version, account, out(`{"id":"x","fields":`+opFields+`}`, get("I", "V")...)},
			want:  `{"V/I/F1":"v$1","V/I":"p\n\"<é>","V/I/Sec/F":"s"}`},
		{name: "sign in with a session", program: "op", request: request("V/I", "a"),
			calls: []clitest.Call{version, bad("account", "get", "--account", "my account"), out("s3ssion\n", "signin", "--account", "my account", "--force", "--raw"),
				out(`{"value":"1","reference":"op://V/I/a"}`, get("I", "V", "--session", "s3ssion", "--fields", "label=a")...)},
			want: `{"V/I/a":"1"}`},
		{name: "sign in without a session", program: "op", request: request("V/I", "a"),
			calls: []clitest.Call{version, bad("account", "get", "--account", "my account"), ok("signin", "--account", "my account", "--force", "--raw"),
				out(`{"value":"1","reference":"op://V/I/a"}`, get("I", "V", "--fields", "label=a")...)},
			want: `{"V/I/a":"1"}`},
		{name: "a service account has no sign-in", program: "op", request: request("V/I", "a"), env: []string{"OP_SERVICE_ACCOUNT_TOKEN=t"},
			calls: []clitest.Call{version, bad("account", "get", "--account", "my account"), out(`{"value":"1","reference":"op://V/I/a"}`, get("I", "V", "--fields", "label=a")...)},
			want:  `{"V/I/a":"1"}`},
		{name: "no sign in", program: "op", request: request("V/I", "a"),
			calls: []clitest.Call{version, bad("account", "get", "--account", "my account"), bad("signin", "--account", "my account", "--force", "--raw")},
			err:   "Failed to login to 1Password"},
		{name: "fields refused", program: "op", request: request("V/I", "a", "s/b"),
			calls: []clitest.Call{version, account, bad(get("I", "V", "--fields", "label=a,label=s.b")...)},
			err:   "Could not read a, s.b from I in the V 1Password vault"},
		{name: "item refused", program: "op", request: request("V/I"),
			calls: []clitest.Call{version, account, bad(get("I", "V")...)}, err: "Could not read from I in the V 1Password vault"},
		{name: "no vault", program: "op", request: request("", "F1"), calls: []clitest.Call{version, account}, err: `"F1": a 1Password name is vault/item/field`},
		{name: "answer is not JSON", program: "op", request: request("V/I", "a"),
			calls: []clitest.Call{version, account, out(`hunter2`, get("I", "V", "--fields", "label=a")...)}, err: "Could not read a from I in the V 1Password vault: answer of the program: not JSON"},
	})
}

func TestOnePasswordQuotesAsKamal(t *testing.T) {
	p := clitest.New(t)
	sh := shell(p, "WHO=me")
	rec := &recorder{}
	sh.Runner = rec
	p.Add("op", ok("--version"), ok("account", "get", "--account", "${WHO}"),
		out(`{"value":"1","reference":"op://x/y/z"}`, "item", "get", "größe $x", "--vault", "a\"b`$y ünd \\#{z}", "--format", "json", "--account", "me", "--fields", "label=f"))
	_, err := fetch(t.Context(), "1password", sh, adapter.Request{Names: []string{"a\"b`$y ünd #{z}/größe $x/f"}, Account: "${WHO}"})
	if err != nil {
		t.Error(err)
	}
	want := `op item get gr\ö\ße\ \$x --vault "a\"b\` + "`" + `\$y "ü"nd \#{z}" --format "json" --account "${WHO}" --fields "label=f"`
	if got := rec.lines[len(rec.lines)-1]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// recorder keeps the command lines that it runs.
type recorder struct{ lines []string }

func (r *recorder) Run(ctx context.Context, c run.Cmd) (run.Result, error) {
	r.lines = append(r.lines, c.Line)
	return run.Local{}.Run(ctx, c)
}

func TestSessionsAreInNoCommandLineOfOurs(t *testing.T) {
	p := clitest.New(t)
	rec, hidden := &recorder{}, []string{}
	sh := shell(p)
	sh.Runner, sh.Hide = rec, func(v ...string) { hidden = append(hidden, v...) }
	p.Add("op", ok("--version"), bad("account", "get", "--account", "a"), out("s3ssion", "signin", "--account", "a", "--force", "--raw"),
		out(`{"value":"1","reference":"op://V/I/f"}`, "item", "get", "I", "--vault", "V", "--format", "json", "--account", "a", "--session", "s3ssion", "--fields", "label=f"))
	if _, err := fetch(t.Context(), "1password", sh, adapter.Request{Names: []string{"V/I/f"}, Account: "a"}); err != nil {
		t.Error(err)
	}
	if strings.Contains(fmt.Sprint(rec.lines), "s3ssion") || fmt.Sprint(hidden) != "[s3ssion]" {
		t.Errorf("lines %q, hidden %q", rec.lines, hidden)
	}
}

func TestOnePasswordWithoutTheProgram(t *testing.T) {
	sh := shell(clitest.New(t))
	var asked []string
	sh.Resolve = func(_ context.Context, refs []string) (map[string]secret.Secret, error) {
		asked = refs
		return map[string]secret.Secret{"op://V/I/F": secret.New("$1"), "op://V/J/password": secret.New("p"), "op://V/I/S/G": secret.New("g")}, nil
	}
	got, err := fetch(t.Context(), "1password", sh, adapter.Request{Names: []string{"I/F", "J", "I/S/G"}, Account: "a", From: "op://V"})
	if err != nil || got != `{"V/I/F":"$1","V/J":"p","V/I/S/G":"g"}` || fmt.Sprint(asked) != "[op://V/I/F op://V/J/password op://V/I/S/G]" {
		t.Errorf("got %s, %v; asked %q", got, err, asked)
	}
	if _, err = fetch(t.Context(), "1password", sh, adapter.Request{Account: "a", From: "V/I"}); err == nil || !strings.HasPrefix(err.Error(), "1Password CLI is not installed") {
		t.Errorf("got %v", err)
	}
}
