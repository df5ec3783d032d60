package plan

import (
	"slices"
	"strings"
	"testing"
)

// Everything goes in an order in which nothing needs what is gone: the app, the
// accessories, then the proxies, but for one that another app needs.
func TestRemove(t *testing.T) {
	cfg, sel := load(t, accessories)
	state := live()
	state.Hosts[0].Apps, state.Hosts[1].Apps = []string{"shop-over", "blog"}, []string{"shop-over"}
	state.Hosts[0].Proxy.Services["blog-web"] = "0123456789ab:80"
	state.Hosts[1].Proxy.Services["manual"] = "ba9876543210:80"
	p, err := Remove(Input{Config: cfg, Selection: sel, State: state})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a: Not removing the proxy, as other apps are installed: blog, blog-web"}; !slices.Equal(p.Notes, want) {
		t.Errorf("notes: %v", p.Notes)
	}
	at := func(id string) int {
		i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == id })
		if i < 0 {
			t.Errorf("there is no %s in\n%s", id, p.Text())
		}
		return i
	}
	if _, there := p.Find("a/remove"); there {
		t.Error("the other app's proxy goes")
	}
	stop, docs, proxy := at("b/web/stop"), at("b/accessory/docs/stop"), at("b/remove")
	if stop > docs || docs > proxy || !slices.Contains(p.Steps[at("c/accessory/db/stop")].Needs, "b/folders") || !slices.Contains(p.Steps[at("b/stop")].Needs, "b/accessory/docs/remove_service_directory") {
		t.Errorf("the order:\n%s", p.Text())
	}
	if line := p.Steps[at("c/logout")].Line; !strings.HasPrefix(line, "docker logout") {
		t.Errorf("logout: %s", line)
	}
}
