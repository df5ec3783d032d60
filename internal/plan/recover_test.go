package plan

import (
	"slices"
	"testing"
)

// What recover does is read from what hosts show: quiet workers take jobs again,
// strays stop, and what nobody can tell is said, not decided.
func TestRecover(t *testing.T) {
	stray := container("shop-web-over-v2", "web", "running", "sha256:v2", 20)
	newJobs := container("shop-sidekiq-over-v2", "sidekiq", "running", "sha256:v2", 21)
	quiet := live()
	quiet.Hosts[1].Quiet = []string{quiet.Hosts[1].Containers[1].ID, newJobs.ID}
	quiet.Hosts[1].Containers = append(quiet.Hosts[1].Containers, newJobs)
	quiet.Hosts[1].OneOffs = []string{"shop-sidekiq-over-exec-v2-1"}
	strays := live()
	strays.Hosts[0].Containers = append(strays.Hosts[0].Containers, stray)
	unclear := live()
	unclear.Hosts[0].Containers = append(unclear.Hosts[0].Containers, stray)
	unclear.Hosts[0].Proxy.Services = nil
	mixed := live()
	mixed.Hosts[0].Containers = []Container{stray}
	mixed.Hosts[0].Proxy.Services["shop-web-over"] = stray.ID[:12] + ":80"
	down := live()
	down.Hosts[1].Containers[1].State = "exited"
	for _, c := range []struct {
		name         string
		state        State
		steps, notes []string
	}{
		{"nothing to do", live(), nil, nil},
		{
			"a quiet worker, and a new one that does not serve", quiet,
			[]string{"b/resume: resume shop-sidekiq-over-v1", "b/reap: stop shop-sidekiq-over-v2, which does not serve"},
			[]string{"b: shop-sidekiq-over-exec-v2-1 still runs"},
		},
		{"a stray", strays, []string{"a/reap: stop shop-web-over-v2, which does not serve"}, nil},
		{"the proxy serves neither", unclear, nil, []string{"a: several containers of web run and kamal-proxy serves none of them: deploy, or roll back"}},
		{"hosts that differ", mixed, nil, []string{"web has several versions (v1 on b; v2 on a): deploy, or roll back"}},
		{"nothing runs", down, nil, []string{"nothing of sidekiq runs on b: deploy, or `hwdeploy rollback --restart VERSION`"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, sel := load(t, "")
			p := Recover(Input{Config: cfg, Selection: sel, State: c.state})
			var steps []string
			for _, s := range p.Steps {
				steps = append(steps, s.ID+": "+s.Title)
			}
			if !slices.Equal(steps, c.steps) || !slices.Equal(p.Notes, c.notes) {
				t.Errorf("steps %q\nwanted %q\nnotes %q\nwanted %q", steps, c.steps, p.Notes, c.notes)
			}
		})
	}
}
