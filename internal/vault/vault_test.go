package vault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

// project writes files, path → text, into a new folder.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// options reads one secrets file in a small environment.
func options(t *testing.T, secrets string) vault.Options {
	t.Helper()
	return vault.Options{
		Dir: project(t, map[string]string{".kamal/secrets": secrets}), Runner: run.Local{},
		Environ: []string{"PATH=/usr/bin:/bin", "OUTSIDE=outer"},
	}
}

// facts writes all secrets as lines of config-cases: secret[NAME] = "JSON".
func facts(t *testing.T, o vault.Options) string {
	t.Helper()
	entries, err := vault.New(o).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s=%s\n", e.Name, e.Value.Reveal())
	}
	return b.String()
}

func quoted(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// TestCases runs the worked cases about secrets files; want holds the facts.
func TestCases(t *testing.T) {
	for _, c := range []struct {
		name        string
		files       map[string]string
		destination string
		env         []string
		path        string
		want        []string
	}{
		{name: "C110 no destination", files: map[string]string{
			".kamal/secrets-common": "A=common-a\nB=common-b\n", ".kamal/secrets": "B=plain-b\nC=$A\n"},
			want: []string{`secret_names = ["A","B","C"]`, `secret[A] = "common-a"`, `secret[B] = "plain-b"`, `secret[C] = ""`}},
		{name: "C111 the plain file is not read with a destination", destination: "stage", files: map[string]string{
			".kamal/secrets-common": "A=common\n", ".kamal/secrets": "A=plain\nP=1\n", ".kamal/secrets.stage": "B=$A$KAMAL_DESTINATION\n"},
			want: []string{`secret_names = ["A","B"]`, `secret[A] = "common"`, `secret[B] = "stage"`,
				`secret[P] = error: Secret 'P' not found in .kamal/secrets-common, .kamal/secrets.stage`}},
		{name: "C112 syntax", files: map[string]string{".kamal/secrets": c112},
			want: []string{`secret_names = ["PLAIN","SPACED","EXPORTED","COLON","HASH","SINGLE","DOUBLE","ESC","NL","UNQUOTED_NL","MULTI","EMPTY","BARE","PAD","MIXED","DOTTED.KEY","EQ"]`,
				`secret[PLAIN] = "a b c"`, `secret[SPACED] = "x"`, `secret[EXPORTED] = "y"`, `secret[COLON] = "z"`, `secret[HASH] = "a"`,
				`secret[SINGLE] = "raw $PLAIN \\n # no"`, `secret[DOUBLE] = "with a b c # yes"`, `secret[ESC] = "say \"hi\" $PLAIN"`,
				`secret[NL] = "a\\nb"`, `secret[UNQUOTED_NL] = "anb"`, `secret[MULTI] = "line 1\nline 2"`, `secret[EMPTY] = ""`,
				`secret[BARE] = ""`, `secret[PAD] = "  keep  "`, `secret[MIXED] = "\"x\"y"`, `secret[DOTTED.KEY] = "1"`, `secret[EQ] = "a=b=="`}},
		{name: "C113 variables and commands", env: []string{"OUTSIDE=outer"}, files: map[string]string{".kamal/secrets": c113},
			want: []string{`secret[TWO] = "12"`, `secret[FROM_ENV] = "outer"`, `secret[UNSET] = "[]"`, `secret[DEFAULT] = ":-d}"`,
				`secret[BRACE] = "{1"`, `secret[CMD] = "hello world"`, `secret[CMD_VAR] = "got 1"`, `secret[CMD_FAIL] = ""`,
				`secret[CMD_TRIM] = "x"`, `secret[NESTED] = "deep"`, `secret[LITERAL] = "$(echo no)"`, `secret[ESCAPED] = "$(echo no)"`,
				`secret[JOINED] = "a-b-c"`, `secret[AWK] = "a"`, "secret[TICKS] = \"`echo no`\"", `secret[SHELL_VAR] = ""`}},
		{name: "C114 with our difference: the dollar survives", files: map[string]string{
			".kamal/secrets": "LOST=$(cat pw.txt)\nKEPT='pa$word'\nTHROUGH=x$LOST\n", "pw.txt": "pa$word\n"},
			want: []string{`secret[LOST] = "pa$word"`, `secret[KEPT] = "pa$word"`, `secret[THROUGH] = "xpa$word"`}},
		{name: "C116 fetch and extract", files: map[string]string{".kamal/secrets": `
ALL=$(kamal secrets fetch --adapter test --account me --from vault TOKEN PASS)
TOKEN=$(kamal secrets extract TOKEN $ALL)
PASS=pre-$(kamal secrets extract vault/PASS ${ALL})-post
`},
			want: []string{`secret[ALL] = "\\{\\\"vault/TOKEN\\\":\\\"NEKOT/tluav\\\",\\\"vault/PASS\\\":\\\"SSAP/tluav\\\"\\}"`,
				`secret[TOKEN] = "NEKOT/tluav"`, `secret[PASS] = "pre-SSAP/tluav-post"`}},
		{name: "C117 extract of a name that is not there", files: map[string]string{".kamal/secrets": "ALL=$(kamal secrets fetch --adapter test --account me TOKEN)\nX=$(kamal secrets extract NOPE $ALL)\n"},
			want: []string{`secret[X] = error: .kamal/secrets:2: X: Could not find secret NOPE`}},
		{name: "C118 secrets_path", path: "ops/keys", files: map[string]string{"ops/keys-common": "A=common\n", "ops/keys": "B=own\n", ".kamal/secrets": "C=1"},
			want: []string{`secret_names = ["A","B"]`, `secret[A] = "common"`, `secret[B] = "own"`}},
		{name: "C52 missing", files: map[string]string{".kamal/secrets": "A=1\n"},
			want: []string{`secret[NOPE] = error: Secret 'NOPE' not found in .kamal/secrets`}},
		{name: "C53 no files", destination: "stage",
			want: []string{`secret_names = null`, `secret[NOPE] = error: Secret 'NOPE' not found, no secret files (.kamal/secrets-common, .kamal/secrets.stage) provided`}},
		{name: "C130 several lines", files: map[string]string{".kamal/secrets": "PEM=\"-----BEGIN-----\na\\\\b c#d\n-----END-----\"\n"},
			want: []string{`secret[PEM] = "-----BEGIN-----\na\\b c#d\n-----END-----"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := vault.New(vault.Options{
				Dir: project(t, c.files), SecretsPath: c.path, Destination: c.destination, Runner: run.Local{},
				Environ: append([]string{"PATH=/usr/bin:/bin", "KAMAL_DESTINATION=wrong"}, c.env...),
			})
			for _, want := range c.want {
				fact, _, _ := strings.Cut(want, " = ")
				if got := fact + " = " + factOf(t, v, fact); got != want {
					t.Errorf("\ngot  %s\nwant %s", got, want)
				}
			}
		})
	}
}

func factOf(t *testing.T, v *vault.Vault, fact string) string {
	t.Helper()
	if fact == "secret_names" {
		entries, err := v.All(t.Context())
		if err != nil {
			return "error: " + err.Error()
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name)
		}
		b, err := json.Marshal(names)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	name := strings.TrimSuffix(strings.TrimPrefix(fact, "secret["), "]")
	value, err := v.Get(t.Context(), name)
	if err != nil {
		return "error: " + err.Error()
	}
	return quoted(value.Reveal())
}

const c112 = `# comment
PLAIN=a b c   # trailing comment
SPACED = x
export EXPORTED=y
COLON: z
HASH=a#b
SINGLE='raw $PLAIN \n # no'
DOUBLE="with ${PLAIN} # yes"
ESC="say \"hi\" \$PLAIN"
NL="a\nb"
UNQUOTED_NL=a\nb
MULTI="line 1
line 2"
EMPTY=
BARE
PAD="  keep  "
MIXED="x"y
DOTTED.KEY=1
BAD-KEY=1
EQ=a=b==
`

const c113 = `ONE=1
TWO=${ONE}2
FROM_ENV=$OUTSIDE
UNSET=[$MISSING]
DEFAULT=${MISSING:-d}
BRACE={$ONE}
CMD=$(echo hello world)
CMD_VAR=$(echo "got $ONE")
CMD_FAIL=$(false)
CMD_TRIM=$(printf 'x')
NESTED=$(echo $(echo deep))
LITERAL='$(echo no)'
ESCAPED=\$(echo no)
JOINED=a-$(echo b)-c
AWK=$(echo "a b" | awk '{print \$1}')
TICKS=` + "`echo no`" + `
SHELL_VAR=$(X=5; echo $X)
`

// observed is the secrets file of the reference runs of Kamal.
const observed = `# the value below replaces the one of secrets-common
API_TOKEN='tok$en#1 \n x'
MULTI_SECRET="first line
second line"
UNI_SECRET="pässwörd – ✓"
QUOTE_SECRET='say "hi" & <b> ` + "`id`" + `'
EMPTY_SECRET=
MAIN_DB_PASSWORD=$(printf 'p=%s' 'a=b')
BLUE_TOKEN=blue-${API_TOKEN}
CERT_PEM=$(cat certs/stage.crt)
`

func TestObservedSecrets(t *testing.T) {
	dir := project(t, map[string]string{".kamal/secrets.stage": observed, "certs/stage.crt": "-----BEGIN\n$x\\y\n-----END\n\n"})
	v := vault.New(vault.Options{Dir: dir, Destination: "stage", Runner: run.Local{}, Environ: []string{"PATH=/usr/bin:/bin"}})
	for name, want := range map[string]string{
		"API_TOKEN": `tok$en#1 \n x`, "MULTI_SECRET": "first line\nsecond line", "UNI_SECRET": "pässwörd – ✓",
		"QUOTE_SECRET": "say \"hi\" & <b> `id`", "EMPTY_SECRET": "", "MAIN_DB_PASSWORD": "p=a=b",
		"BLUE_TOKEN": `blue-tok$en#1 \n x`, "CERT_PEM": "-----BEGIN\n$x\\y\n-----END\n",
	} {
		got, err := v.Get(t.Context(), name)
		if err != nil || got.Reveal() != want {
			t.Errorf("%s = %q, %v; want %q", name, got.Reveal(), err, want)
		}
	}
}

func TestPrint(t *testing.T) {
	v := vault.New(options(t, "A=\"x\ny\"\nB=\nC=\"  \"\n"))
	if got, err := v.Print(t.Context()); err != nil || got != "A=x\ny\nB=\nC=  \n" {
		t.Errorf("Print = %q, %v", got, err)
	}
}

// TestOnce: many look-ups at once run each command once, and not before the
// first of them.
func TestOnce(t *testing.T) {
	o := options(t, "A=$(echo run >> log; echo a)\n")
	v := vault.New(o)
	log := filepath.Join(o.Dir, "log")
	if _, err := os.Stat(log); err == nil {
		t.Error("New has run a command")
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := v.Get(context.Background(), "A"); err != nil || got.Reveal() != "a" {
				t.Errorf("%v, %v", got.Reveal(), err)
			}
		})
	}
	wg.Wait()
	if b, err := os.ReadFile(log); err != nil || string(b) != "run\n" {
		t.Errorf("log %q, %v", b, err)
	}
}

func TestACancelledReadingMayBeTriedAgain(t *testing.T) {
	v := vault.New(options(t, "A=$(echo a)\n"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Get(ctx, "A"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got, err := v.Get(t.Context(), "A"); err != nil || got.Reveal() != "a" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestFailuresStay(t *testing.T) {
	o := options(t, "A=$(echo run >> log)\nexport B\n")
	v := vault.New(o)
	for range 3 {
		var e *vault.FileError
		if _, err := v.Get(t.Context(), "A"); !errors.As(err, &e) || e.Line != 2 {
			t.Errorf("got %v", err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(o.Dir, "log")); err != nil || string(b) != "run\n" {
		t.Errorf("log %q, %v", b, err)
	}
}

func TestEveryValueIsRedacted(t *testing.T) {
	o := options(t, "A=first-secret\nB=$(echo second-secret)\nALL=$(kamal secrets fetch --adapter test --account me third-secret)\nX=$(echo $A >&2; echo $A)\n")
	o.Redactor = secret.NewRedactor()
	var errs strings.Builder
	w := o.Redactor.Writer(&errs)
	o.Stderr = w
	if _, err := vault.New(o).All(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"first-secret", "second-secret", "terces-driht"} {
		if got := o.Redactor.String(s); got == s {
			t.Errorf("%s is not known", s)
		}
	}
	if errs.String() != "********\n" {
		t.Errorf("stderr %q", errs.String())
	}
}

func TestWarnings(t *testing.T) {
	var got []string
	o := options(t, "BAD-KEY=1\nREF='op://vault/item/field'\nOK=1\nLOST=$(exit 3)\n")
	o.Warn = func(w vault.Warning) { got = append(got, fmt.Sprintf("%s:%d: %.30s", w.File, w.Line, w.Text)) }
	if err := os.Mkdir(filepath.Join(o.Dir, ".kamal/secrets-common"), 0o700); err != nil {
		t.Fatal(err)
	}
	if f := facts(t, o); f != "REF=op://vault/item/field\nOK=1\nLOST=\n" {
		t.Errorf("facts %q", f)
	}
	want := []string{
		".kamal/secrets-common:0: is a folder; secrets are read ", ".kamal/secrets:1: this line is no entry and is i",
		".kamal/secrets:2: REF is a 1Password reference i", ".kamal/secrets:4: the command of LOST failed (ex",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestBadFiles(t *testing.T) {
	for in, want := range map[string]string{
		"A=1\nexport NOPE # x\nB=1": `.kamal/secrets:2: Line "export NOPE # x" has an unset variable`,
		"A=1\n\nB=\"\xff\"":         `.kamal/secrets:3: invalid byte sequence in UTF-8`,
	} {
		if _, err := vault.New(options(t, in)).All(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%q: %v", in, err)
		}
	}
}
