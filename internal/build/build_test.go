package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	digest "github.com/opencontainers/go-digest"
	"github.com/tonistiigi/fsutil"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

func inputs(change func(*Inputs)) Inputs {
	in := Inputs{
		Revision: strings.Repeat("a", 40), Context: "clone", Dockerfile: []byte("FROM scratch\n"), Target: "app",
		Platforms: []string{"linux/amd64", "linux/arm64"}, Args: []Arg{{"A", "1"}, {"B", "2"}},
		Labels: map[string]string{"service": "app"}, Repository: "ghcr.io/o/app",
	}
	change(&in)
	return in
}

func secrets(pairs ...string) map[string]secret.Secret {
	out := map[string]secret.Secret{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = secret.New(pairs[i+1])
	}
	return out
}

func keyOf(t *testing.T, in Inputs) string {
	t.Helper()
	k, err := Key(in)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeySeesEveryInput(t *testing.T) {
	same := []func(*Inputs){
		func(*Inputs) {},
		func(in *Inputs) { in.Platforms = []string{"linux/arm64", "linux/amd64"} },
		func(in *Inputs) { in.Args = []Arg{{"B", "2"}, {"A", "1"}} },
		func(in *Inputs) { in.Args = []Arg{{"A", "0"}, {"A", "1"}, {"B", "2"}} },
	}
	want := keyOf(t, inputs(same[0]))
	if !regexp.MustCompile(`^hw-[0-9a-f]{16}$`).MatchString(want) {
		t.Errorf("key = %q", want)
	}
	for i, f := range same {
		if got := keyOf(t, inputs(f)); got != want {
			t.Errorf("same %d: %s, want %s", i, got, want)
		}
	}
	seen := map[string]int{want: -1}
	for i, f := range []func(*Inputs){
		func(in *Inputs) { in.Revision = strings.Repeat("b", 40) },
		func(in *Inputs) { in.Context = "." },
		func(in *Inputs) { in.Dockerfile = append(in.Dockerfile, '\n') },
		func(in *Inputs) { in.Target = "" },
		func(in *Inputs) { in.Platforms = in.Platforms[:1] },
		func(in *Inputs) { in.Args[0].Value = "2" },
		func(in *Inputs) { in.Args = []Arg{{"A", "1B2"}} },
		func(in *Inputs) { in.Args = nil },
		func(in *Inputs) { in.Labels["service"] = "other" },
		func(in *Inputs) { in.Secrets = secrets("S", "x") },
		func(in *Inputs) { in.Secrets = secrets("S", "x", "T", "y") },
		func(in *Inputs) { in.Secrets = secrets("S", "y", "T", "x") },
		func(in *Inputs) { in.Secrets, in.Repository = secrets("S", "x"), "ghcr.io/o/other" },
		func(in *Inputs) { in.Provenance = "true" },
		func(in *Inputs) { in.Dockerfile, in.Target = append(in.Dockerfile, 'a'), "pp" },
	} {
		k := keyOf(t, inputs(f))
		if j, dup := seen[k]; dup {
			t.Errorf("change %d gives the key of %d", i, j)
		}
		seen[k] = i
	}
}

func TestParseAttrs(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want map[string]string
		bad  bool
	}{
		{"", map[string]string{}, false},
		{"mode=max,image-manifest=true", map[string]string{"mode": "max", "image-manifest": "true"}, false},
		{`"scope=a,b",Mode=min`, map[string]string{"scope": "a,b", "mode": "min"}, false},
		{"ref=r/app:cache=1", map[string]string{"ref": "r/app:cache=1"}, false},
		{"mode", nil, true},
		{`"x`, nil, true},
	} {
		got, err := ParseAttrs(tc.in)
		if (err != nil) != tc.bad || !maps.Equal(got, tc.want) {
			t.Errorf("%q: %v, %v", tc.in, got, err)
		}
	}
}

func TestParseSSH(t *testing.T) {
	for _, tc := range []struct {
		in, agent string
		want      SSH
		says      string
	}{
		{"default", "/a.sock", SSH{"default", []string{"/a.sock"}}, ""},
		{"default=/b.sock", "", SSH{"default", []string{"/b.sock"}}, ""},
		{"deploy=/k1,/k2", "/a.sock", SSH{"deploy", []string{"/k1", "/k2"}}, ""},
		{"default", "", SSH{}, "no SSH agent runs here"},
		{"=x", "", SSH{}, "no id"},
	} {
		got, err := ParseSSH(tc.in, tc.agent)
		if !reflect.DeepEqual(got, tc.want) || (err != nil) != (tc.says != "") || (err != nil && !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%q: %v, %v", tc.in, got, err)
		}
	}
}

func TestOptions(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "app"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := Request{
		Dir: dir, Context: "app", Dockerfile: "docker/Web", Target: "t", Platforms: []string{"linux/amd64", "linux/arm64"},
		Args: []Arg{{"A", "1"}, {"A", "2"}}, Labels: map[string]string{"service": "s"}, NoCache: true, Provenance: "mode=max", SharedKey: "key",
		CacheFrom: []Cache{{"registry", map[string]string{"ref": "r"}}}, CacheTo: []Cache{{"registry", map[string]string{"ref": "r", "mode": "max"}}},
		Output: Output{Names: []string{"r:1", "r:2"}, Push: true},
	}
	if err := os.MkdirAll(filepath.Join(dir, "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	opt, err := r.options(false)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"filename": "Web", "target": "t", "platform": "linux/amd64,linux/arm64", "build-arg:A": "2",
		"label:service": "s", "no-cache": "", "attest:provenance": "mode=max",
	}
	if !maps.Equal(opt.FrontendAttrs, want) {
		t.Errorf("attrs = %v", opt.FrontendAttrs)
	}
	exports := map[string]string{"name": "r:1,r:2", "oci-mediatypes": "true", "push": "true"}
	if e := opt.Exports[0]; e.Type != "image" || !maps.Equal(e.Attrs, exports) {
		t.Errorf("export = %+v", e)
	}
	if opt.SharedKey != "key" || len(opt.CacheImports) != 1 || opt.CacheExports[0].Attrs["mode"] != "max" || len(opt.LocalMounts) != 2 {
		t.Errorf("options = %+v", opt)
	}
	if opt, err := r.options(true); err != nil || opt.Exports[0].Type != "moby" || !maps.Equal(opt.Exports[0].Attrs, map[string]string{"name": "r:1,r:2"}) {
		t.Errorf("engine: %+v, %v", opt.Exports, err)
	}
	r.Context, r.Dockerfile, r.Provenance = "https://github.com/o/r.git#main", "", "false"
	opt, err = r.options(false)
	if err != nil || opt.FrontendAttrs["context"] != r.Context || opt.LocalMounts != nil || opt.FrontendAttrs["filename"] != "Dockerfile" {
		t.Errorf("url: %+v, %v", opt.FrontendAttrs, err)
	}
	if _, ok := opt.FrontendAttrs["attest:provenance"]; ok {
		t.Error("provenance false: asked for nevertheless")
	}
}

// The Dockerfile and the ignore file that counts go along with the request, so that
// only the context is fetched; not with a provenance.
func TestTheDockerfileGoesAlong(t *testing.T) {
	const text, specific, general = "FROM scratch\nCOPY . /\n", "only-of-this-one", "of-the-context"
	for _, tc := range []struct {
		files      map[string]string
		provenance string
		along      []string
		not        string
	}{
		{map[string]string{"Dockerfile": text}, "", []string{text, "Dockerfile.dockerignore"}, general},
		{map[string]string{"Dockerfile": text, ".dockerignore": general}, "false", []string{text, general}, specific},
		{map[string]string{"Dockerfile": text, ".dockerignore": general, "Dockerfile.dockerignore": specific}, "", []string{text, specific}, general},
		{map[string]string{"Dockerfile": text, ".dockerignore": general, "Dockerfile.dockerignore": ""}, "", []string{text}, general},
		{map[string]string{"Dockerfile": text}, "mode=max", nil, text},
	} {
		dir := t.TempDir()
		for name, content := range tc.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		opt, err := (&Request{Dir: dir, Provenance: tc.provenance}).options(false)
		if err != nil {
			t.Fatal(err)
		}
		if _, along := opt.FrontendInputs["dockerfile"]; along != (tc.along != nil) || len(opt.LocalMounts) != 2 {
			t.Errorf("%v: goes along: %v, may be fetched: %v", tc.files, along, opt.LocalMounts)
		}
		all := ""
		for _, st := range opt.FrontendInputs {
			def, err := st.Marshal(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all += string(bytes.Join(def.Def, nil))
		}
		for _, want := range tc.along {
			if !strings.Contains(all, want) {
				t.Errorf("%v: %q does not go along", tc.files, want)
			}
		}
		if strings.Contains(all, tc.not) {
			t.Errorf("%v: %q goes along", tc.files, tc.not)
		}
	}
}

func TestWatcherRepeatsNothing(t *testing.T) {
	var got []string
	w := newWatcher(func(u Update) { got = append(got, fmt.Sprintf("%d %s %s", u.Kind, u.Name, u.Text)) })
	id := digest.FromString("a")
	begin := time.Unix(100, 0)
	end := begin.Add(2 * time.Second)
	started := &client.Vertex{Digest: id, Name: "RUN x", Started: &begin}
	failed := &client.Vertex{Digest: id, Name: "RUN x", Started: &begin, Completed: &end, Error: "boom"}
	w.see(&client.SolveStatus{Vertexes: []*client.Vertex{{Digest: id, Name: "RUN x"}, started, started}})
	w.see(&client.SolveStatus{Logs: []*client.VertexLog{{Vertex: id, Data: []byte("one\ntw")}, {Vertex: id, Data: []byte("o\nthree")}}})
	w.see(&client.SolveStatus{Vertexes: []*client.Vertex{failed, failed}})
	want := []string{"0 RUN x ", "1 RUN x one\ntw", "1 RUN x o\nthree", "6 RUN x boom"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if st := w.culprit(errors.New("x")); st == nil || !reflect.DeepEqual(st.tail.last(), []string{"one", "two", "three"}) {
		t.Errorf("culprit = %+v", st)
	}
}

func TestTailKeepsTheLastLines(t *testing.T) {
	var x tail
	for i := range 50 {
		x.add([]byte(fmt.Sprintf("line %d\r\n", i)))
	}
	got := x.last()
	if len(got) != tailLines || got[0] != "line 30" || got[tailLines-1] != "line 49" {
		t.Errorf("tail = %q", got)
	}
}

func TestExitCode(t *testing.T) {
	for text, want := range map[string]int{
		"executor failed running [/bin/sh -c echo exit code: 4 && false]: exit code: 3": 3,
		"failed to compute cache key": 0,
	} {
		if got := exitCode(errors.New(text)); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}

// What can't be opened ends the build: BuildKit would copy an empty file.
func TestStrictFailsOnWhatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	inner, err := fsutil.NewFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if _, err := (strict{inner, cancel}).Open("app/gone.txt"); err == nil {
		t.Fatal("opened")
	}
	err = (&Builder{}).explain(ctx, errors.New("the session ended"), newWatcher(nil))
	if want := "the build needs app/gone.txt, which can't be read: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
