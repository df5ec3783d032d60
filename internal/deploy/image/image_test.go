package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// checkout is a Checkout that answers from its fields.
type checkout struct {
	revision string
	changed  bool
	ignored  []string
}

func (c checkout) Revision(context.Context) (string, error)  { return c.revision, nil }
func (c checkout) Changed(context.Context) (bool, error)     { return c.changed, nil }
func (c checkout) Ignored(context.Context) ([]string, error) { return c.ignored, nil }
func (c checkout) Clone(context.Context) (string, error)     { return "/the/clone", nil }

const rest = "service: shop\nimage: demo/shop\nservers: [a]\nregistry: {server: localhost:5555}\n"

// maker is a Maker of a project with this builder section and these files.
func maker(t *testing.T, builder string, files map[string]string) *Maker {
	t.Helper()
	dir := t.TempDir()
	files["config/deploy.yml"] = rest + builder
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(t.Context(), config.Options{Dir: dir, File: "config/deploy.yml"})
	if err != nil {
		t.Fatal(err)
	}
	return &Maker{
		Config: cfg, Dir: dir, Checkout: checkout{revision: strings.Repeat("a", 40)}, Env: func(string) string { return "" },
		Secret: func(_ context.Context, name string) (secret.Secret, error) {
			return secret.New("value of " + name), nil
		},
	}
}

func TestWhatIsNotSupportedIsRefusedAtItsPlace(t *testing.T) {
	for _, tc := range []struct{ builder, want string }{
		{"builder: {arch: amd64}", ""},
		{"builder: {arch: amd64, driver: docker}", ""},
		{"builder: {arch: [amd64, arm64], remote: \"ssh://b\", local: false}", ""},
		{"builder:\n  arch: amd64\n  driver: cloud org/name", "config/deploy.yml:7:3: builder/driver: Docker Build Cloud"},
		{"builder:\n  arch: amd64\n  driver: kubernetes", `config/deploy.yml:7:3: builder/driver: the driver "kubernetes"`},
		{"builder:\n  arch: amd64\n  pack: {builder: x}", "config/deploy.yml:7:3: builder/pack: buildpacks"},
		{"builder:\n  arch: amd64\n  cache: {type: gha}", "config/deploy.yml:7:3: builder/cache: the cache type gha"},
		{"builder:\n  arch: amd64\n  sbom: true", "config/deploy.yml:7:3: builder/sbom: SBOM"},
		{"builder:\n  arch: amd64\n  driver: docker-container\n  remote: ssh://b\n  local: false\n  sbom: false", ""},
		{"builder:\n  arch: [amd64, arm64]\n  driver: docker", "config/deploy.yml:6:3: builder/arch: the docker driver makes one platform"},
		{"builder:\n  arch: [amd64, arm64]\n  remote: ssh://b", "config/deploy.yml:6:3: builder/arch: building some platforms here"},
	} {
		err := maker(t, tc.builder, map[string]string{}).Check()
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s:\n%v\nwanted %q (here it is %s)", tc.builder, err, tc.want, runtime.GOARCH)
		}
	}
}

// The commit stands for the image only when nothing else can get in.
func TestRevision(t *testing.T) {
	const rev = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	files := map[string]string{"Dockerfile": "FROM scratch\n", ".dockerignore": "tmp\n*.log\n", "app/.dockerignore": "tmp\n!tmp/keep\n"}
	for _, tc := range []struct {
		builder string
		git     checkout
		why     string
	}{
		{"builder: {arch: amd64}", checkout{revision: rev, changed: true, ignored: []string{"secret"}}, ""},
		{"builder: {arch: amd64}", checkout{}, "no git checkout"},
		{"builder: {arch: amd64, context: .}", checkout{revision: rev}, ""},
		{"builder: {arch: amd64, context: .}", checkout{revision: rev, ignored: []string{"tmp/", "a.log"}}, ""},
		{"builder: {arch: amd64, context: .}", checkout{revision: rev, ignored: []string{"tmp/", "node_modules/"}}, "node_modules/"},
		{"builder: {arch: amd64, context: .}", checkout{revision: rev, changed: true}, "not committed"},
		{"builder: {arch: amd64, context: app}", checkout{revision: rev, ignored: []string{"node_modules/", "app/tmp"}}, ""},
		{"builder: {arch: amd64, context: app}", checkout{revision: rev, ignored: []string{"app/tmp/"}}, "app/tmp/"},
		{"builder: {arch: amd64, context: app/web}", checkout{revision: rev, ignored: []string{"app/"}}, "app/"},
		{"builder: {arch: amd64, context: ..}", checkout{revision: rev}, "outside"},
		{"builder: {arch: amd64, context: \"https://example.test/x.git\"}", checkout{revision: rev}, "by itself"},
	} {
		m := maker(t, tc.builder, files)
		m.Checkout = tc.git
		r := build.Request{Dir: m.Dir, Context: m.Config.Builder.Context, Dockerfile: m.Config.Builder.Dockerfile}
		got, why, err := m.revision(t.Context(), r)
		if err != nil || (got == rev) != (tc.why == "") || !strings.Contains(why, tc.why) {
			t.Errorf("%s, %+v: %q, %q, %v", tc.builder, tc.git, got, why, err)
		}
	}
}

func TestRequest(t *testing.T) {
	m := maker(t, `builder:
  arch: [amd64, arm64]
  remote: ssh://b
  local: false
  dockerfile: docker/Web
  target: app
  args: {A: 1, B: two}
  secrets: [TOKEN]
  ssh: default=$SOCK
  provenance: mode=max
  cache: {type: registry, options: "mode=max,image-manifest=true"}
`, map[string]string{"docker/Web": "FROM scratch\n"})
	m.Env = func(name string) string { return map[string]string{"SOCK": "/agent.sock"}[name] }
	r, err := m.request(t.Context(), Access{Username: "bob", Password: secret.New("pw")}, Options{Version: "v1", NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	ref := map[string]string{"ref": "localhost:5555/demo/shop-build-cache"}
	to := map[string]string{"ref": ref["ref"], "mode": "max", "image-manifest": "true"}
	for what, pair := range map[string][2]any{
		"platforms": {r.Platforms, []string{"linux/amd64", "linux/arm64"}}, "args": {r.Args, []build.Arg{{Name: "A", Value: "1"}, {Name: "B", Value: "two"}}},
		"ssh": {r.SSH, []build.SSH{{ID: "default", Paths: []string{"/agent.sock"}}}}, "from": {r.CacheFrom, []build.Cache{{Type: "registry", Attrs: ref}}},
		"to": {r.CacheTo, []build.Cache{{Type: "registry", Attrs: to}}}, "labels": {r.Labels, map[string]string{"service": "shop"}},
		"other": {[]any{r.Target, r.Provenance, r.NoCache, r.Dockerfile, r.SharedKey}, []any{"app", "mode=max", true, "docker/Web", "shop@ssh://b"}},
		"names": {r.Output.Names, []string{"localhost:5555/demo/shop:v1"}}, "secret": {r.Secrets["TOKEN"].Reveal(), "value of TOKEN"},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: %v, wanted %v", what, pair[0], pair[1])
		}
	}
	for host, want := range map[string]string{"localhost:5555": "bob", "docker.io": "", "ghcr.io": ""} {
		if user, _ := r.Auth(host); user != want {
			t.Errorf("%s gets the credentials of %q", host, user)
		}
	}
}

// As with Kamal, a shell here expands ${NAME}, and an argument without a value
// comes from here, or is the Dockerfile's default.
func TestBuildArgs(t *testing.T) {
	for args, want := range map[string]string{
		`{A: "${REV}-${NONE}-$REV", B: "a $(b)"}`: "A=abc--$REV,B=a $(b)",
		`{REV: , NONE: "", C: "  ", D: x}`:        "REV=abc,D=x",
		`{A: false, B: 0, C: "${open"}`:           "A=false,B=0,C=${open",
		`{A: x, BAD: "${REV:-none}"}`:             "config/deploy.yml:7:16: builder/args/BAD: of ${…} only ${NAME} is known here",
	} {
		m := maker(t, "builder:\n  arch: amd64\n  args: "+args+"\n", map[string]string{"Dockerfile": "FROM scratch\n"})
		m.Env = func(name string) string { return map[string]string{"REV": "abc"}[name] }
		r, err := m.request(t.Context(), Access{}, Options{Version: "v1"})
		var got []string
		for _, a := range r.Args {
			got = append(got, a.Name+"="+a.Value)
		}
		if err != nil {
			got = []string{err.Error()}
		}
		if text := strings.Join(got, ","); text != want && (err == nil || !strings.HasPrefix(text, want)) {
			t.Errorf("%s: %s, wanted %s", args, text, want)
		}
	}
}

func TestAMissingDockerfileIsToldAtItsPlace(t *testing.T) {
	m := maker(t, "builder:\n  arch: amd64\n  dockerfile: docker/None\n", map[string]string{})
	_, err := m.request(t.Context(), Access{}, Options{Version: "v1"})
	var mistakes *config.Errors
	if !errors.As(err, &mistakes) || !strings.Contains(err.Error(), "config/deploy.yml:7:3: builder/dockerfile: Missing docker/None") {
		t.Errorf("%v", err)
	}
}

// Output comes as whole lines, whatever pieces it came in; a line that was
// written over shows what a terminal would.
func TestTeller(t *testing.T) {
	var got []string
	x := teller{emit: func(e event.Event) {
		if e.Output != nil {
			got = append(got, e.Output.Text)
		}
	}}
	for _, u := range []build.Update{
		{Step: "a", Name: "RUN a", Kind: build.KindStarted}, {Step: "b", Name: "RUN b", Kind: build.KindStarted},
		{Step: "a", Kind: build.KindOutput, Text: "one\ntw"}, {Step: "b", Kind: build.KindOutput, Text: "10%\r50%\r100%\r\n"},
		{Step: "a", Kind: build.KindOutput, Text: "o\nend"}, {Step: "a", Name: "RUN a", Kind: build.KindFailed},
		{Step: "b", Kind: build.KindOutput, Text: "no end of line"}, {Step: "b", Kind: build.KindDone},
	} {
		x.tell(u)
	}
	want := []string{"RUN a", "RUN b", "  one", "  100%", "  two", "  end", "failed: RUN a", "  no end of line"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1500: "1.5 kB", 5_300_000: "5.3 MB", pushHere: "67.1 MB"} {
		if got := fmt.Sprint(bytes(n)); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// Docker Hub has several names: in the file, and in a builder's question.
func TestTheLoginOfDockerHub(t *testing.T) {
	for server, want := range map[string]string{"": "bob", "docker.io": "bob", "index.docker.io": "bob", "ghcr.io": "", "notdocker.io": ""} {
		m := maker(t, "builder: {arch: amd64}", map[string]string{})
		m.Config.Registry.Server = server
		for _, host := range []string{"docker.io", "index.docker.io", "registry-1.docker.io"} {
			if user, _ := m.auth(host, Access{Username: "bob"}); user != want {
				t.Errorf("registry/server %q: %s gets the credentials of %q", server, host, user)
			}
		}
	}
}
