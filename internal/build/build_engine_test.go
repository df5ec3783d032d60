//go:build engine

package build_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

func TestEngineBuilds(t *testing.T) {
	p := loaded(t, map[string]string{
		"Dockerfile": lines(
			"FROM scratch AS base",
			"COPY probe /probe",
			"ARG COLOUR=none",
			"ENV COLOUR=$COLOUR",
			`ENTRYPOINT ["/probe"]`,
			"FROM base AS app",
			`RUN --mount=type=secret,id=TOKEN ["/probe", "file", "/run/secrets/TOKEN"]`,
			"COPY . /src",
			"FROM base AS other",
			`RUN ["/probe", "exit", "9"]`,
		),
		".dockerignore": lines("secret.txt", "*.log"),
		"kept.txt":      "kept", "secret.txt": "no", "a.log": "no",
	})
	var updates []build.Update
	res, err := engine(t).Build(within(t), p.request(func(r *build.Request) {
		r.Target, r.NoCache = "app", true
		r.Args = []build.Arg{{Name: "COLOUR", Value: "red"}, {Name: "COLOUR", Value: "blue and 'green'"}}
		r.Secrets = map[string]secret.Secret{"TOKEN": secret.New("value with $ and \"\n")}
		r.Progress = func(u build.Update) { updates = append(updates, u) }
	}))
	if err != nil {
		t.Fatal(err)
	}
	id, labels := inspect(t, p.repo+":v1")
	if id != res.ImageID || labels["service"] != "app" {
		t.Errorf("image %s, result %+v, labels %v", id, res, labels)
	}
	if latest, _ := inspect(t, p.repo+":latest"); latest != id {
		t.Errorf("latest = %s", latest)
	}
	if got := p.run("getenv", "COLOUR"); got != "blue and 'green'\n" {
		t.Errorf("COLOUR = %q", got)
	}
	if got := p.run("file", "/src/kept.txt"); got != "kept" {
		t.Errorf("kept.txt = %q", got)
	}
	var output strings.Builder
	ends := map[string]int{}
	for _, u := range updates {
		if u.Kind == build.KindOutput {
			output.WriteString(u.Text)
		}
		if u.Kind >= build.KindCached {
			ends[u.Step]++
		}
	}
	if output.String() != "value with $ and \"\n" {
		t.Errorf("the secret in the step = %q", output.String())
	}
	for s, n := range ends {
		if n != 1 {
			t.Errorf("step %s ended %d times", s, n)
		}
	}
}

// Of two ignore files the Dockerfile's own counts, even one that is empty.
func TestDockerignoreIsObeyed(t *testing.T) {
	for what, tc := range map[string]struct {
		files   map[string]string
		ignored bool
	}{
		"the context's":            {map[string]string{".dockerignore": "secret.txt\n"}, true},
		"the Dockerfile's":         {map[string]string{"Dockerfile.dockerignore": "secret.txt"}, true},
		"the Dockerfile's, empty":  {map[string]string{"Dockerfile.dockerignore": "", ".dockerignore": "secret.txt\n"}, false},
		"the Dockerfile's, others": {map[string]string{"Dockerfile.dockerignore": "other\n", ".dockerignore": "secret.txt\n"}, false},
	} {
		tc.files["Dockerfile"] = lines("FROM scratch", "COPY probe /probe", "COPY . /src", `RUN ["/probe", "file", "/src/secret.txt"]`)
		tc.files["secret.txt"] = "no"
		p := loaded(t, tc.files)
		for kind, b := range map[string]*build.Builder{"engine": engine(t), "daemon": daemon(t)} {
			_, err := b.Build(within(t), p.request())
			var be *build.BuildError
			ignored := errors.As(err, &be) && be.ExitCode == 1 && strings.Contains(strings.Join(be.Log, "\n"), "no such file")
			if ignored != tc.ignored || err != nil && !ignored {
				t.Errorf("%s, %s: ignored: %v, %v", what, kind, ignored, err)
			}
		}
	}
}

func TestOnlyWhatChangedIsBuiltAgain(t *testing.T) {
	p := loaded(t, map[string]string{
		"Dockerfile": lines("FROM scratch", "COPY probe /probe", `RUN ["/probe", "write", "/made", "x"]`, "COPY a.txt /a.txt"),
		"a.txt":      "1",
	})
	b := engine(t)
	first, err := b.Build(within(t), p.request())
	if err != nil {
		t.Fatal(err)
	}
	run := func(change func(*build.Request)) (build.Result, []string) {
		var cached []string
		res, err := b.Build(within(t), p.request(change, func(r *build.Request) {
			r.Progress = func(u build.Update) {
				if u.Kind == build.KindCached && strings.Contains(u.Name, "RUN") {
					cached = append(cached, u.Name)
				}
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		return res, cached
	}
	nothing := func(*build.Request) {}
	if again, cached := run(nothing); again != first || len(cached) != 1 {
		t.Errorf("nothing changed: %v, then %v, cached %v", first, again, cached)
	}
	p.write("a.txt", "2")
	if other, cached := run(nothing); other == first || len(cached) != 1 {
		t.Errorf("a.txt changed: %v, cached %v", other, cached)
	}
	if _, cached := run(func(r *build.Request) { r.NoCache = true }); len(cached) != 0 {
		t.Errorf("no cache, yet cached %v", cached)
	}
}

func TestAFailedStepIsExplained(t *testing.T) {
	p := loaded(t, map[string]string{
		"docker/Dockerfile.web": lines("FROM scratch", "COPY probe /probe", `RUN ["/probe", "exit", "17", "the reason"]`),
	})
	_, err := engine(t).Build(within(t), p.request(func(r *build.Request) { r.Dockerfile = "docker/Dockerfile.web" }))
	var be *build.BuildError
	if !errors.As(err, &be) {
		t.Fatalf("err = %v", err)
	}
	if be.ExitCode != 17 || be.Step != `[2/2] RUN ["/probe", "exit", "17", "the reason"]` || !slices.Equal(be.Log, []string{"the reason"}) {
		t.Errorf("%+v", be)
	}
	if be.Line != 0 && be.Line != 3 { // 20.10 tells no place
		t.Errorf("place %s:%d", be.File, be.Line)
	}
	if got := err.Error(); got != "build on here: "+be.Step+": exit code 17" {
		t.Errorf("err = %q", got)
	}
}

func TestBadInput(t *testing.T) {
	p := loaded(t, map[string]string{"Broken": "FROM scratch\nCOPPY x y\n", "NoFile": "FROM scratch\nCOPY absent.txt /\n", "NoBase": "FROM 127.0.0.1:1/none:x\n"})
	b := engine(t)
	for _, tc := range []struct {
		name   string
		change func(*build.Request)
		says   []string
		typed  any
	}{
		{"no Dockerfile", func(*build.Request) {}, []string{"Missing Dockerfile"}, new(*build.MissingError)},
		{"no context", func(r *build.Request) { r.Dockerfile = "NoFile"; r.Context = "app" }, []string{"Missing app"}, new(*build.MissingError)},
		{"folder for a file", func(r *build.Request) { r.Dockerfile = "." }, []string{". is not a file"}, nil},
		{"does not parse", func(r *build.Request) { r.Dockerfile = "Broken" }, []string{"unknown instruction: COPPY"}, new(*build.BuildError)},
		{"no such file", func(r *build.Request) { r.Dockerfile = "NoFile" }, []string{"COPY absent.txt /", "not found"}, new(*build.BuildError)},
		{"no such target", func(r *build.Request) { r.Dockerfile = "NoFile"; r.Target = "web" }, []string{"web"}, new(*build.BuildError)},
		{"no such base", func(r *build.Request) { r.Dockerfile = "NoBase" }, []string{"127.0.0.1:1/none:x", "connection refused"}, new(*build.BuildError)},
		{"two platforms", func(r *build.Request) { r.Platforms = []string{"linux/amd64", "linux/arm64"} }, []string{"one platform at a time"}, nil},
		{"cache export", func(r *build.Request) { r.CacheTo = []build.Cache{{Type: "registry"}} }, []string{"can't export a registry cache"}, nil},
	} {
		_, err := b.Build(within(t), p.request(tc.change))
		if err == nil || (tc.typed != nil && !errors.As(err, tc.typed)) {
			t.Errorf("%s: %T %v", tc.name, err, err)
			continue
		}
		for _, s := range tc.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q lacks %q", tc.name, err, s)
			}
		}
	}
}

func TestCancelledBuild(t *testing.T) {
	p := loaded(t, map[string]string{"Dockerfile": lines("FROM scratch", "COPY probe /probe", `RUN ["/probe", "sleep", "60000"]`)})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	begin := time.Now()
	_, err := engine(t).Build(ctx, p.request(func(r *build.Request) {
		r.Progress = func(u build.Update) {
			if u.Kind == build.KindStarted && strings.Contains(u.Name, "sleep") {
				cancel(why)
			}
		}
	}))
	if !errors.Is(err, why) || time.Since(begin) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

type refused struct{ error }

func TestUnreachableBuilder(t *testing.T) {
	p := loaded(t, map[string]string{"Dockerfile": "FROM scratch\nCOPY probe /probe\n"})
	cause := refused{errors.New("ssh: handshake failed")}
	b, err := build.Engine(t.Context(), func(context.Context, string, string, map[string][]string) (net.Conn, error) { return nil, cause }, "builder1")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	begin := time.Now()
	_, err = b.Build(within(t), p.request())
	var lost *build.LostError
	var got refused
	if !errors.As(err, &lost) || !errors.As(err, &got) || lost.Host != "builder1" {
		t.Errorf("%T: %v", err, err)
	}
	if time.Since(begin) > 10*time.Second {
		t.Errorf("took %v", time.Since(begin))
	}
}
