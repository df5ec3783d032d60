package facts_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/facts"
)

const secretConfig = rowConfig + "env: {secret: [TOKEN]}\naccessories: {db: {image: x, host: 192.0.2.30, env: {secret: [TOKEN]}}}\n"

func load(t *testing.T, yaml string, more map[string]string) (*project, facts.Options) {
	t.Helper()
	files := map[string]string{"config/deploy.yml": yaml}
	for name, text := range more {
		files[name] = text
	}
	p := newProject(t, files, flags{})
	cfg, err := config.Load(context.Background(), p.options())
	if err != nil {
		t.Fatal(err)
	}
	return p, p.factOptions(cfg)
}

func TestSecretsAreMasked(t *testing.T) {
	_, o := load(t, secretConfig, map[string]string{".kamal/secrets": "TOKEN=s3cr3t-value\n"})
	var shown, hidden strings.Builder
	for _, f := range facts.All(context.Background(), o) {
		shown.WriteString(f.Text(true) + "\n")
		hidden.WriteString(f.Text(false) + "\n")
	}
	for _, want := range []string{`secret[TOKEN] = "s3cr3t-value"`, `env_file[web@192.0.2.10] = "TOKEN=s3cr3t-value\n"`, `registry.password = "s3cret"`} {
		if !strings.Contains(shown.String(), want+"\n") {
			t.Errorf("%s is not shown", want)
		}
	}
	for _, secret := range []string{"s3cr3t-value", "s3cret"} {
		if strings.Contains(hidden.String(), secret) {
			t.Errorf("%s is not masked:\n%s", secret, hidden.String())
		}
	}
	for _, want := range []string{`raw[registry] = {"username":"bob","password":"` + facts.Mask + `"}`, "secret[TOKEN] = " + facts.Mask, "acc.env_file[db] = " + facts.Mask} {
		if !strings.Contains(hidden.String(), want+"\n") {
			t.Errorf("no %s", want)
		}
	}
}

func TestFind(t *testing.T) {
	_, o := load(t, secretConfig, nil)
	for key, want := range map[string]string{
		"service":                         "service = shop",
		"container":                       "container[web] = shop-web-v1",
		"container[nosuch]":               `container[nosuch] = error: Error: there is no role "nosuch"`,
		"raw[env/secret]":                 `raw[env/secret] = ["TOKEN"]`,
		"raw[env/secret/0]":               `raw[env/secret/0] = "TOKEN"`,
		"raw[no/such]":                    `raw[no/such] = null`,
		"sel.roles[-p]":                   `sel.roles[-p] = ["web"]`,
		"sel.hosts[hosts=192.0.2.[13]0]":  `sel.hosts[hosts=192.0.2.[13]0] = ["192.0.2.10","192.0.2.30"]`,
		"sel.hosts[hosts=x, y roles=web]": `sel.hosts[hosts=x, y roles=web] = error: ArgumentError: No --hosts match for x, y`,
		"esc[\"a]b\"]":                    `esc["a]b"] = "a]b"`,
		"esc[no json":                     "",
		`optionize[{"a": ["x", true], "b": false}]`:  `optionize[{"a": ["x", true], "b": false}] = --a "x" --a --b "false"`,
		`optionize=[{"a": ["x", true], "b": false}]`: `optionize=[{"a": ["x", true], "b": false}] = --a="x" --a --b="false"`,
		"env_file[web@192.0.2.10]":                   "env_file[web@192.0.2.10] = error: ConfigurationError: Secret 'TOKEN' not found, no secret files (.kamal/secrets-common, .kamal/secrets) provided",
	} {
		found := facts.Find(context.Background(), o, key)
		if len(found) != 1 {
			t.Errorf("%s: %d facts", key, len(found))
			continue
		}
		if got := found[0].Text(true); got != want && want != "" {
			t.Errorf("%s:\n got %s\nwant %s", key, got, want)
		}
	}
	if failed := facts.Failed(facts.All(context.Background(), o)); len(failed) != 3 || failed[0].Name != "env_file" {
		t.Errorf("%d facts failed: %v", len(failed), failed)
	}
	if len(facts.Find(context.Background(), o, "nosuch")) != 0 || len(facts.Find(context.Background(), facts.Options{}, "service")) != 0 {
		t.Error("what is no fact is found")
	}
	if len(facts.Find(context.Background(), facts.Options{}, `esc["x"]`)) != 1 {
		t.Error("an encoding needs a configuration")
	}
}

func TestVersion(t *testing.T) {
	gone := errors.New("no git")
	for _, c := range []struct {
		flag    string
		environ []string
		asIs    bool
		git     fixed
		want    string
	}{
		{flag: "v1", environ: []string{"VERSION=v2"}, want: "v1"},
		{flag: " ", environ: []string{"VERSION=v2"}, want: "v2"},
		{environ: []string{"VERSION="}, git: fixed{head: "abc"}, want: ""},
		{git: fixed{head: "abc"}, want: "abc"},
		{git: fixed{head: "abc"}, asIs: true, want: "abc_uncommitted"},
		{git: fixed{err: gone}, want: "Can't use commit hash as version, no git repository found in /p"},
	} {
		got, err := facts.Version(context.Background(), c.flag, c.environ, "/p", c.asIs, c.git)
		if err != nil {
			got = err.Error()
		}
		if got != c.want || errors.Is(err, gone) != (c.git.err != nil) {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

type fixed struct {
	head string
	err  error
}

func (f fixed) Head(context.Context) (string, error) { return f.head, f.err }

func (f fixed) WithChanges(_ context.Context, head string) (string, error) {
	return head + "_uncommitted", nil
}

func TestKeysAreMasked(t *testing.T) {
	inline := "-----BEGIN OPENSSH PRIVATE KEY----- " + strings.Repeat("k config=", 20)
	_, o := load(t, rowConfig+"ssh: {key_data: [DEPLOY_KEY, \""+inline+"\"], config: false}\n", map[string]string{".kamal/secrets": "DEPLOY_KEY=k3y\n"})
	f := facts.Find(context.Background(), o, "ssh")[0]
	begin := `ssh = user="root" port=22 keepalive=true keepalive_interval=30 key_data=["`
	if want := begin + `k3y","` + inline + `"] config=false log_level=fatal`; f.Text(true) != want {
		t.Errorf("\n got %s\nwant %s", f.Text(true), want)
	}
	if want := begin + facts.Mask + `","` + facts.Mask + `"] config=false log_level=fatal`; f.Text(false) != want {
		t.Errorf("\n got %s\nwant %s", f.Text(false), want)
	}
	if raw := facts.Find(context.Background(), o, "raw[ssh]")[0].Text(false); strings.Contains(raw, "OPENSSH") || !strings.Contains(raw, "DEPLOY_KEY") {
		t.Error(raw)
	}
}
