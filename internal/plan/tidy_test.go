package plan

import (
	"slices"
	"testing"
)

// Nothing that a return would need is removed before the last host is through.
func TestTidyWaitsForEveryHost(t *testing.T) {
	p := rollout(t, "asset_path: /assets\nboot: {limit: 1}", live(), nil)
	for _, host := range []string{"a", "b"} {
		s, ok := p.Find(host + "/tidy")
		if !ok || !slices.Equal(s.Tidy.Assets, []string{"web"}) || s.Tidy.ErrorPages {
			t.Fatalf("%s/tidy: %v %+v", host, ok, s.Tidy)
		}
		for _, need := range []string{"a/tag", "b/tag"} {
			if !slices.Contains(s.Needs, need) {
				t.Errorf("%s/tidy needs %v, not %s", host, s.Needs, need)
			}
		}
	}
}

// Error pages lie on every host of the app, so they are tidied also where only
// workers run; but not while a role behind the proxy keeps its version.
func TestTidyOfErrorPages(t *testing.T) {
	jobsOnly := live()
	jobsOnly.Hosts[1].Containers = jobsOnly.Hosts[1].Containers[1:]
	const pages = "error_pages_path: public\n"
	cases := []struct {
		name, overlay string
		state         State
		roles         []string
		want          map[string]bool
	}{
		{"all", pages, live(), nil, map[string]bool{"a": true, "b": true}},
		{"a host of workers", pages + "servers: {web: {hosts: [a]}}", jobsOnly, nil, map[string]bool{"a": true, "b": true}},
		{"workers beside web", pages, live(), []string{"sidekiq"}, map[string]bool{}},
		{"a first boot", pages, State{Hosts: []HostState{{Name: "a"}, {Name: "b"}}}, nil, map[string]bool{}},
		{"no error pages", "", live(), nil, map[string]bool{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg, _ := load(t, c.overlay)
			sel, err := cfg.Select(nil, c.roles, false)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Rollout(Input{Config: cfg, Selection: sel, State: c.state, Options: Options{Command: "deploy", Version: "v2", Run: "0123456789abcdef"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, host := range []string{"a", "b"} {
				s, ok := p.Find(host + "/tidy")
				if ok != c.want[host] || ok && !s.Tidy.ErrorPages {
					t.Errorf("%s: %v %+v, wanted %v", host, ok, s.Tidy, c.want[host])
				}
			}
		})
	}
}
