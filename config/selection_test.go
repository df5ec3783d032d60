package config

import (
	"strings"
	"testing"
)

const selectable = `
servers:
  web: [w1.example, w2.example]
  api: [a1.example, w2.example]
  jobs: {hosts: [j1.example]}
  idle: {hosts: []}
allow_empty_roles: true
accessories:
  db: {image: x, host: d1.example}
  ui: {image: x, host: w1.example, proxy: {host: ui.example}}
`

func TestSelection(t *testing.T) {
	c := mustLoad(t, selectable)
	for _, tt := range []struct {
		filter                       string
		hosts, roles, primary, owner string
	}{
		{"", "w2 w1 a1 j1 d1", "web api jobs", "w1", "web"},
		{"hosts=w2*", "w2", "web api", "w2", "web"},
		{"hosts=a*,j*", "a1 j1", "api jobs", "a1", "api"},
		{"hosts=j1.example,w1.example", "j1 w1", "jobs web", "j1", "jobs"},
		{"hosts=d1.example", "d1", "", "d1", ""},
		{"hosts=nope,w1*", "w1", "web", "w1", "web"},
		{"roles=api", "a1 w2", "api", "a1", "api"},
		{"roles=jobs,web", "w2 w1 j1", "web jobs", "w1", "web"},
		{"roles=*", "w2 w1 a1 j1", "web api jobs", "w1", "web"},
		{"roles=idle", "a1 w2 j1 w1 d1", "", "w1", ""},
		{"hosts=w1* roles=api", "", "", "w1", ""},
		{"hosts=w2* roles=api,web", "w2", "web api", "w2", "web"},
		{"-p", "w1", "web", "w1", "web"},
		{"roles=jobs,web -p", "j1", "jobs", "j1", "jobs"},
		{"hosts=j* -p", "w1", "web", "w1", "web"},
		{"hosts=[aj]1.example", "a1 j1", "api jobs", "a1", "api"},
	} {
		t.Run(tt.filter, func(t *testing.T) {
			s, err := selectBy(c, tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "hosts", short(s.Hosts), tt.hosts)
			equal(t, "roles", strings.Join(roleNames(s.Roles), " "), tt.roles)
			equal(t, "primary host", short([]string{s.PrimaryHost}), tt.primary)
			equal(t, "primary role", s.PrimaryRole, tt.owner)
		})
	}
}

func TestSelectionOfKindsOfHosts(t *testing.T) {
	c := mustLoad(t, selectable)
	s, err := selectBy(c, "hosts=d*,w*")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "app", short(s.AppHosts), "w2 w1")
	equal(t, "proxy", short(s.ProxyHosts), "w1 w2")
	equal(t, "accessory", short(s.AccessoryHosts), "d1 w1")
}

func TestSelectionErrors(t *testing.T) {
	c := mustLoad(t, selectable)
	for filter, want := range map[string]string{
		"hosts=nope": "No --hosts match for nope", "roles=a,b": "No --roles match for a,b", "hosts=W1*": "No --hosts match for W1*",
		"roles=idle -p": "There is no primary host: no role with a host is selected",
	} {
		_, err := selectBy(c, filter)
		got := first(t, err)
		equal(t, filter, got.Message, want)
		equal(t, "kind", got.Kind, ArgumentError)
	}
}

func TestFiltersAreNotTrimmed(t *testing.T) {
	equal(t, "blanks", SplitFilter("a, b,"), []string{"a", " b"})
	_, err := mustLoad(t, selectable).Select([]string{" w1.example"}, nil, false)
	equal(t, "message", first(t, err).Message, "No --hosts match for  w1.example")
}

func TestAnotherPrimaryRole(t *testing.T) {
	c := mustLoad(t, "servers: {web: [w1.example], tokyo: {hosts: [t1.example, t2.example], proxy: {}}}\nprimary_role: tokyo\n")
	s, err := c.Select(nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "hosts", short(s.Hosts), "t1 t2 w1")
	equal(t, "web is proxied", c.Role("web").Proxied, false)
	equal(t, "tokyo is proxied", c.Role("tokyo").Proxied, true)
}

func selectBy(c *Config, filter string) (*Selection, error) {
	var hosts, roles []string
	primary := false
	for _, word := range strings.Fields(filter) {
		switch {
		case word == "-p":
			primary = true
		case strings.HasPrefix(word, "hosts="):
			hosts = SplitFilter(word[6:])
		case strings.HasPrefix(word, "roles="):
			roles = SplitFilter(word[6:])
		}
	}
	return c.Select(hosts, roles, primary)
}

func short(hosts []string) string {
	return strings.ReplaceAll(strings.Join(hosts, " "), ".example", "")
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "a/b", true}, {"*", ".a", false}, {".*", ".a", true}, {`\.a`, ".a", true}, {"?a", ".a", false}, {"*", "", true},
		{"a*c", "abbc", true}, {"a*c", "abcd", false}, {"a*b*c", "axbxbxc", true}, {"?", "", false}, {"a?c", "abc", true},
		{"[abc]", "b", true}, {"[a-c]x", "bx", true}, {"[!a]", "b", true}, {"[^a]", "a", false}, {"[a", "[a", false}, {"[]a]", "a", false},
		{`\*`, "*", true}, {`\*`, "a", false}, {`[\]]`, "]", true}, {"A", "a", false}, {"größe?", "größe1", true},
		{"{a,b}c", "bc", true}, {"{a,b{c,d}}", "bd", true}, {"{a}", "a", true}, {"{a", "{a", true}, {"a-", "a-", true}, {"[a-]", "-", true},
	} {
		equal(t, tt.pattern+" "+tt.name, glob(tt.pattern, tt.name), tt.want)
	}
}

func TestVersionsCompareAsInRuby(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"2.12", "2.12.0", 0}, {"2.1", "2.12.0", -1}, {"2.12.1", "2.12.0", 1}, {"2.13.0.rc1", "2.13.0", -1}, {"2.13.0.rc1", "2.12.0", 1},
		{"2.12.0-beta", "2.12.0", -1}, {"2.12.0.a", "2.12.0.b", -1}, {" 3 ", "2.12.0", 1}, {"", "0", 0},
	} {
		a, _ := parseVersion(tt.a)
		b, _ := parseVersion(tt.b)
		equal(t, tt.a+" "+tt.b, max(-1, min(1, a.compare(b))), tt.want)
	}
	for _, bad := range []string{"two", "2.", "2..1", "v2.1", "2 1"} {
		if _, ok := parseVersion(bad); ok {
			t.Errorf("%q is no version", bad)
		}
	}
}
