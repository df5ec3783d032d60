package plan

import "testing"

const accessories = `
accessories:
  db: {image: "db:1", hosts: [b, c], files: ["f:/f"], directories: ["d:/d"]}
  docs: {image: "docs:1", host: b, service: manual, proxy: {host: docs.example.test}}
`

// A command is the same steps on every host of an accessory, one accessory after
// another; what is there decides what boot and reboot do.
func TestAccessories(t *testing.T) {
	cfg, sel := load(t, accessories)
	there := map[string][]Container{"db": {{ID: "old", Name: "shop-db", State: "exited"}}, "docs": {{ID: "x", Name: "manual", State: "running"}}}
	state := State{Hosts: []HostState{{Name: "b", Accessories: there}, {Name: "c"}}}
	for command, want := range map[string]string{
		"boot": `
b/accessory/db/directories  lasting  make 1 directories of shop-db
b/accessory/db/upload       lasting  upload 1 files of shop-db
c/accessory/db/directories  lasting  make 1 directories of shop-db
c/accessory/db/upload       lasting  upload 1 files of shop-db
c/accessory/db/boot         lasting  boot shop-db from db:1
b/accessory/docs/start      lasting  start manual, served by kamal-proxy
note: Skipping booting ` + "`db`" + ` on b, a container already exists
note: Skipping booting ` + "`docs`" + ` on b, a container already exists
`,
		"reboot": `
b/accessory/db/pull         lasting  pull db:1
b/accessory/db/directories  lasting  make 1 directories of shop-db
b/accessory/db/upload       lasting  upload 1 files of shop-db
b/accessory/db/replace      lasting  replace shop-db by a new container of db:1
c/accessory/db/pull         lasting  pull db:1
c/accessory/db/directories  lasting  make 1 directories of shop-db
c/accessory/db/upload       lasting  upload 1 files of shop-db
c/accessory/db/boot         lasting  boot shop-db from db:1
b/accessory/docs/pull       lasting  pull docs:1
b/accessory/docs/replace    lasting  replace manual by a new container of docs:1, served by kamal-proxy
`,
		"restart": `
b/accessory/db/stop     lasting  stop shop-db
b/accessory/db/start    lasting  start shop-db
c/accessory/db/stop     lasting  stop shop-db
c/accessory/db/start    lasting  start shop-db
b/accessory/docs/stop   lasting  stop manual
b/accessory/docs/start  lasting  start manual, served by kamal-proxy
`,
	} {
		p, err := Accessories(command, []string{"db", "docs"})(Input{Config: cfg, Selection: sel, State: state})
		if err != nil {
			t.Fatal(err)
		}
		if got := "\n" + p.Text(); got != want {
			t.Errorf("%s:%s", command, got)
		}
	}
	p, err := Accessories("remove", []string{"db", "docs"})(Input{Config: cfg, Selection: sel, State: state})
	if err != nil {
		t.Fatal(err)
	}
	docs, ok := p.Find("b/accessory/docs/stop")
	if want := []string{"b/accessory/db/remove_service_directory", "c/accessory/db/remove_service_directory"}; !ok || len(docs.Needs) != 2 || docs.Needs[0] != want[0] || docs.Needs[1] != want[1] {
		t.Errorf("docs waits for %v", docs.Needs)
	}
}

// A set-up boots accessories once the proxy is there, and the app after them.
func TestASetUpBootsAccessoriesFirst(t *testing.T) {
	p := rollout(t, accessories, State{Hosts: []HostState{{Name: "a"}, {Name: "b"}, {Name: "c"}}}, func(o *Options) {
		o.Migrate, o.Quiet, o.Accessories = false, false, true
	})
	db, _ := p.Find("c/accessory/db/directories")
	web, _ := p.Find("a/web/create")
	if len(db.Needs) != 3 || db.Needs[0] != "a/proxy" || len(web.Needs) != 1 || web.Needs[0] != "b/accessory/docs/boot" {
		t.Errorf("db waits for %v, web for %v", db.Needs, web.Needs)
	}
}

// Filters and roles decide which hosts of an accessory a command reaches.
func TestAccessoryHosts(t *testing.T) {
	cfg, _ := load(t, accessories)
	for _, c := range []struct {
		hosts, roles []string
		want         string
	}{{nil, nil, "bc"}, {[]string{"c"}, nil, "c"}, {nil, []string{"web"}, "b"}, {[]string{"a"}, nil, ""}} {
		sel, err := cfg.Select(c.hosts, c.roles, false)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, h := range AccessoryHosts(sel, cfg.Accessory("db")) {
			got += h
		}
		if got != c.want {
			t.Errorf("hosts %v roles %v: %q", c.hosts, c.roles, got)
		}
	}
}
