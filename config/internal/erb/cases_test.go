package erb

import (
	"testing"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// load renders and resolves one file.
func load(t *testing.T, w *world, file, text string) *psych.Node {
	t.Helper()
	r, err := Render(file, []byte(text), w.env())
	if err != nil {
		t.Fatal(err)
	}
	n, err := psych.Parse(r.Text, r.Map)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Case C10 as it stands: look-ups, defaults, commands, escapes, two files.
func TestCaseLookups(t *testing.T) {
	w := newWorld(t, "APP_HOST", "203.0.113.9", "KAMAL_DESTINATION", "stage")
	base := load(t, w, "deploy.yml", `servers:
  - <%= ENV["APP_HOST"] %>
env:
  A: <%= ENV.fetch("NOT_SET", "fallback") %>
  B: <%= ENV.fetch("NOT_SET") { "from block" } %>
  C: <%= ENV["NOT_SET"] || "alt" %>
  D: <%= `+"`printf hello`"+` %>
  E: "<%= %x(echo spaced) %>"
  F: <%# dropped %>kept
  G: "<%% literal %%>"
  H: <%= ENV["KAMAL_DESTINATION"].inspect %>
labels:
  built: x<%= 20 + 22 %>
`)
	over := load(t, w, "deploy.stage.yml", "labels:\n  dest: <%= ENV[\"KAMAL_DESTINATION\"] %>\n")
	n := psych.Merge(base, over)
	for key, want := range map[string]string{
		"servers": `["203.0.113.9"]`,
		"env":     `{"A":"fallback","B":"from block","C":"alt","D":"hello","E":"spaced ","F":"kept","G":"<% literal %%>","H":"stage"}`,
		"labels":  `{"built":"x42","dest":"stage"}`,
	} {
		if got := n.Get(key).JSON(); got != want {
			t.Errorf("%s\n got %s\nwant %s", key, got, want)
		}
	}
	// The value of E spans two lines of the rendered text; what follows keeps
	// its line all the same.
	if got := n.Lookup("labels", "built").Pos.String(); got != "deploy.yml:13:10" {
		t.Errorf("built is at %s", got)
	}
	if got := n.Lookup("labels", "dest").Pos.String(); got != "deploy.stage.yml:2:9" {
		t.Errorf("dest is at %s", got)
	}
}

// Hosts from a list in the environment, as several real projects do it.
func TestCaseHostList(t *testing.T) {
	w := newWorld(t, "HOSTS", "192.0.2.1,192.0.2.2", "SSL", "true")
	n := load(t, w, "deploy.yml", `servers:
  web:
<%- ENV["HOSTS"].split(",").each do |host| -%>
    - <%= host %>
<%- end -%>
proxy:
<% if ENV["SSL"] == "true" -%>
  ssl: <%= ENV["SSL"] %>
<% end -%>
  host: <%= ENV.fetch("DOMAIN", "shop.example") %>
`)
	if got := n.JSON(); got != `{"servers":{"web":["192.0.2.1","192.0.2.2"]},"proxy":{"ssl":true,"host":"shop.example"}}` {
		t.Errorf("got %s", got)
	}
	if got := n.Lookup("proxy", "host").Pos.String(); got != "deploy.yml:10:9" {
		t.Errorf("host is at %s", got)
	}
}

// An unset variable leaves a null behind, an empty one too.
func TestCaseUnset(t *testing.T) {
	n := load(t, newWorld(t, "EMPTY", ""), "d", "a: <%= ENV[\"NONE\"] %>\nb: <%= ENV[\"EMPTY\"] %>\nc: \"<%= ENV['NONE'] %>\"\n")
	if got := n.JSON(); got != `{"a":null,"b":null,"c":""}` {
		t.Errorf("got %s", got)
	}
}

// Syntax errors of the rendered text are reported where the template has them.
func TestCaseErrorPosition(t *testing.T) {
	r, err := Render("deploy.yml", []byte("a: 1\n<% x = 1 -%>\n<% y = 2 -%>\nb: 2\n  c: <%= x %>\n"), newWorld(t).env())
	if err != nil {
		t.Fatal(err)
	}
	_, err = psych.Parse(r.Text, r.Map)
	if err == nil || err.Error() != "deploy.yml:5:3: mapping values are not allowed in this context" {
		t.Errorf("got %v", err)
	}
}
