package resolve_test

import (
	"context"
	"os"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

// The env files that Kamal 2.12.0 was seen to leave on hosts for the observed
// project and its secrets.
func TestObservedEnvFiles(t *testing.T) {
	stage := "API_TOKEN=tok$en#1 \\\\n x\nMULTI_SECRET=first line\\nsecond line\nUNI_SECRET=pässwörd – ✓\n" +
		"QUOTE_SECRET=say \"hi\" & <b> `id`\nEMPTY_SECRET=\nDB_PASSWORD=p=a=b\n"
	plain := "API_TOKEN=plain\nMULTI_SECRET=m\nUNI_SECRET=u\nQUOTE_SECRET=q\nEMPTY_SECRET=\nDB_PASSWORD=p\n"
	for _, c := range []struct{ destination, role, host, want string }{
		{"stage", "web", "172.28.0.11", stage + "BLUE_TOKEN=blue-tok$en#1 \\\\n x\n"},
		{"stage", "web", "172.28.0.12", stage},
		{"stage", "jobs", "172.28.0.13", stage + "JOBS_TOKEN=jobs\n"},
		{"", "web", "172.28.0.11", plain + "BLUE_TOKEN=b\n"},
		{"", "jobs", "172.28.0.12", plain + "JOBS_TOKEN=jobs\n"},
	} {
		cfg := load(t, "config/deploy.yml", c.destination)
		got, err := resolve.EnvFile(cfg, cfg.Role(c.role), c.host, secrets(cfg))
		if err != nil || string(got) != c.want {
			t.Errorf("%s %s %s: %v\n got %q\nwant %q", c.destination, c.role, c.host, err, got, c.want)
		}
	}
	cfg := load(t, "config/deploy.yml", "stage")
	for name, want := range map[string]string{"cache": "CACHE_TOKEN=cache-secret\n", "docs": "\n"} {
		got, err := resolve.AccessoryEnvFile(cfg.Accessory(name), secrets(cfg))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func secrets(cfg *config.Config) func(string) (string, error) {
	v := vault.New(vault.Options{
		Dir: cfg.Dir, SecretsPath: cfg.SecretsPath, Destination: cfg.Destination, Runner: run.Local{},
		Environ: []string{"PATH=" + os.Getenv("PATH")},
	})
	return func(name string) (string, error) {
		s, err := v.Get(context.Background(), name)
		return s.Reveal(), err
	}
}
