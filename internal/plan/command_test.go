package plan

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// grown is a fleet with history: v1 serves, v0 and v-1 are stopped, and another
// destination lives on b.
func grown() State {
	s := live()
	for i := range s.Hosts {
		h := &s.Hosts[i]
		h.Apps = []string{"shop-over"}
		for n, v := range []string{"v0", "v-1"} {
			c := container("shop-web-over-"+v, "web", "exited", "sha256:"+v, int64(5-n))
			c.Image = "acme/shop:" + v
			h.Containers = append(h.Containers, c)
			h.Images = append(h.Images, Image{ID: "sha256:" + v, Tags: []string{"acme/shop:" + v}, Service: "shop"})
		}
		for j := range h.Images {
			h.Images[j].Service = "shop"
		}
		h.Containers[0].Image = "acme/shop:v1"
	}
	b := &s.Hosts[1]
	other := container("shop-web-stage-v-2", "web", "exited", "sha256:v-2", 1)
	other.Destination, other.Image = "stage", "acme/shop:v-2"
	b.Containers = append(b.Containers, other)
	b.Images = append(b.Images, Image{ID: "sha256:v-2", Tags: []string{"acme/shop:v-2", "acme/shop:latest-stage"}, Service: "shop"})
	return s
}

func stopped(s State) State {
	for i := range s.Hosts {
		s.Hosts[i].Proxy.Services = nil
		for j := range s.Hosts[i].Containers {
			s.Hosts[i].Containers[j].State = "exited"
		}
	}
	return s
}

func made(t *testing.T, overlay string, s State, make Maker) (Plan, error) {
	t.Helper()
	cfg, sel := load(t, overlay)
	return make(Input{Config: cfg, Selection: sel, State: s, Options: Options{
		Run: "0123456789abcdef", UserHooks: map[string]bool{"pre-proxy-reboot": true, "post-proxy-reboot": true},
	}})
}

// The golden texts under testdata specify Kamal's other commands.
func TestGoldenCommands(t *testing.T) {
	for _, c := range []struct {
		name, overlay string
		state         State
		make          Maker
	}{
		{"app-stop", "", live(), AppStop},
		{"app-start", "", stopped(grown()), AppStart("")},
		{"app-start-version", "", grown(), func(in Input) (Plan, error) {
			in.Selection.Roles = in.Selection.Roles[:1] // sidekiq has no v0
			return AppStart("v0")(in)
		}},
		{"app-remove", "", grown(), AppRemove(Removing{Stop: true, Containers: true, Images: true, Folders: true})},
		{"app-remove-version", "", grown(), AppRemove(Removing{Containers: true, Version: "v0"})},
		{"prune", "", grown(), AppPrune(true, true, 1)},
		{"prune-containers", "retain_containers: 2", grown(), AppPrune(true, false, -1)},
		{"proxy-boot", "", State{Hosts: []HostState{{Name: "a"}, {Name: "b", Network: true, Proxy: ProxyState{Exists: true, Version: "v0.9.2"}}}}, ProxyBoot},
		{"proxy-reboot", "", live(), ProxyReboot(false)},
		{"proxy-reboot-rolling", "", live(), ProxyReboot(true)},
		{"proxy-restart", "", live(), ProxyRestart},
		{"proxy-remove", "", live(), ProxyRemove(true)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := made(t, c.overlay, c.state, c.make)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, c.name, p.Text())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCommandsThatCannot(t *testing.T) {
	_, err := made(t, "", grown(), AppStart("v9"))
	var none *NoContainerError
	if !errors.As(err, &none) || strings.Join(none.Missing, ", ") != "web on b, sidekiq on b, web on a" {
		t.Errorf("start of a version that is nowhere: %v", err)
	}
	_, err = made(t, "", grown(), ProxyRemove(false))
	var used *ProxyInUseError
	if !errors.As(err, &used) || used.Hosts[0] != "a: shop-over, shop-web-over" {
		t.Errorf("removal of a proxy that serves: %v", err)
	}
	old := live()
	old.Hosts[1].Proxy.Version = "v0.8.0"
	if _, err = made(t, "", old, ProxyBoot); err == nil || !strings.Contains(err.Error(), "b: kamal-proxy version v0.8.0 is too old") {
		t.Errorf("an old proxy: %v", err)
	}
	if p, err := made(t, "", stopped(live()), AppStop); err != nil || len(p.Steps) != 0 || len(p.Notes) != 1 {
		t.Errorf("stop of what is stopped: %v %v", p, err)
	}
}

// The new image is there before the old proxy stops.
func TestAProxysImageComesBeforeItsReboot(t *testing.T) {
	for _, rolling := range []bool{false, true} {
		p, err := made(t, "", live(), ProxyReboot(rolling))
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"a", "b"} {
			s, _ := p.Find(host + "/proxy")
			if pull, ok := p.Find(host + "/image"); !ok || pull.Kind != Pull || !slices.Contains(s.Needs, pull.ID) {
				t.Errorf("rolling %v: %s/proxy needs %v", rolling, host, s.Needs)
			}
		}
	}
}
