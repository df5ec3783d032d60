package plan

import (
	"strings"
	"testing"
)

const beside = `x-hwdeploy:
  assets: {paths: [/app/packs], bucket: packs, endpoint: https://r2.example.test, access_key: AK, secret_key: SK}
  sourcemaps: {cmd: bin/upload-sourcemaps}
  edge:
    token: CF
    zone: 0123456789abcdef0123456789abcdef
    worker: {config: edge/wrangler.toml}
    redirects: {account: 89abcdef0123456789abcdef01234567, list: www, files: data/*.csv}
`

// The lines of a flow that are not the rollout's own.
func TestAPlanShowsWhatTheFlowDoesBesideTheHosts(t *testing.T) {
	const purge = "edge/purge lasting purge the edge cache: "
	for _, c := range []struct {
		name, overlay string
		extras        Extras
		other         bool // the role that has the maps is not selected
		want          string
	}{
		{name: "nothing is configured", want: "…\nnote: not configured in x-hwdeploy, and not done: assets, sourcemaps, edge\n"},
		{
			name: "all, without a flag", overlay: beside,
			want: "assets lasting sync hashed assets of /app/packs to packs; a failure stops here, with the old version serving\n" +
				"…\nsourcemaps lasting start the upload of source maps in the new container of the primary host, and do not wait: bin/upload-sourcemaps\n" +
				purge + "only what waits in tmp/cloudflare_purge_urls.txt\nnote: not asked for: the edge worker (-e), the bulk redirects (-r)\n",
		},
		{
			name: "all flags", overlay: beside, extras: Extras{Worker: true, Redirects: true, Everything: true}, other: true,
			want: "assets lasting sync hashed assets of /app/packs to packs; a failure stops here, with the old version serving\n" +
				"…\nedge/worker lasting deploy the edge worker of edge/wrangler.toml, if it changed\n" +
				"edge/redirects lasting upload the bulk redirects of data/*.csv to the list www, if they differ\n" +
				purge + "the whole zone, and what waits in tmp/cloudflare_purge_urls.txt\n",
		},
		{
			name: "after the swap, no purge", overlay: strings.Replace(beside, "SK}", "SK, when: after-swap, on_failure: warn}", 1), extras: Extras{NoPurge: true}, other: true,
			want: "…\nassets lasting sync hashed assets of /app/packs to packs; a failure is a warning\nnote: not asked for: the edge worker (-e), the bulk redirects (-r)\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, _ := load(t, c.overlay)
			own := Plan{Steps: []Step{{ID: "…"}}}
			var got string
			for line := range strings.Lines(own.WithFlow(cfg.Extension, c.extras, !c.other).Text()) {
				got += strings.Join(strings.Fields(line), " ") + "\n"
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if len(own.Steps) != 1 || own.Notes != nil {
				t.Errorf("the rollout's own plan changed: %+v", own)
			}
		})
	}
}

// On a fleet that needs no change nothing else is done either; who asked for it is told.
func TestAnUnchangedFleetsFlow(t *testing.T) {
	cfg, _ := load(t, beside)
	for x, told := range map[Extras]bool{{}: false, {NoPurge: true}: false, {Worker: true}: true, {Redirects: true}: true, {Everything: true}: true} {
		p := Plan{Notes: []string{"no change"}}.WithFlow(cfg.Extension, x, true)
		if len(p.Steps) != 0 || len(p.Notes) != 1 && !told || len(p.Notes) != 2 && told {
			t.Errorf("%+v: %+v", x, p)
		}
	}
}

// A flow that cannot migrate says so: the guidebook migrates on every deploy.
func TestAPlanSaysThatItDoesNotMigrate(t *testing.T) {
	cfg, _ := load(t, "")
	for role, want := range map[string]bool{"web": true, "sidekiq": false} {
		sel, err := cfg.Select(nil, []string{role}, false)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Rollout(Input{Config: cfg, Selection: sel, State: live(), Options: Options{Command: "deploy", Version: "v2", Run: "0123456789abcdef", Migrate: true}})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(p.Text(), "note: no migrate: its role sidekiq is not selected\n"); got != want {
			t.Errorf("--roles=%s: said %v\n%s", role, got, p.Text())
		}
	}
}

// Stale containers go at the end of what fires pre- and post-deploy; Kamal's app
// boot leaves them.
func TestABootAloneReapsNothing(t *testing.T) {
	state := live()
	state.Hosts[0].Containers = append(state.Hosts[0].Containers, container("shop-web-over-v0", "web", "running", "sha256:v0", 5))
	for command, want := range map[string]bool{"deploy": true, "redeploy": true, "rollback": true, "setup": true, "boot": false} {
		p := rollout(t, "", state, func(o *Options) { o.Command = command })
		if p.has("a/reap") != want {
			t.Errorf("%s: reaps %v\n%s", command, !want, p.Text())
		}
	}
}
