package config

import "testing"

func TestWhoStandsBehindTheProxy(t *testing.T) {
	c := mustLoad(t, `
servers:
  web: {hosts: [a], asset_path: /web/assets}
  jobs: {hosts: [b]}
  api: {hosts: [c], proxy: true}
  adm: {hosts: [d], proxy: {host: adm.example, app_port: 9000, healthcheck: {path: /ready}}}
  plain: {hosts: [e], proxy: false}
proxy: {host: shop.example, app_port: 3000, healthcheck: {path: /up, interval: 5}}
asset_path: /assets:ro
`)
	for name, proxied := range map[string]bool{"web": true, "jobs": false, "api": true, "adm": true, "plain": false} {
		equal(t, name, c.Role(name).Proxied, proxied)
	}
	equal(t, "proxy hosts", c.ProxyHosts(), []string{"d", "c", "a"})
	adm := c.Role("adm").Proxy
	equal(t, "own host", adm.Hosts, []string{"adm.example"})
	equal(t, "own port", adm.AppPort, 9000)
	equal(t, "merged health", adm.Health.Path, "/ready")
	equal(t, "inherited interval", *adm.Health.Interval, 5)
	equal(t, "headers", c.Role("api").Proxy.RequestHeaders, []string{"Cache-Control", "Last-Modified", "User-Agent"})
	equal(t, "own assets", c.Role("web").AssetPath, "/web/assets")
	equal(t, "root's assets", c.Role("api").AssetPath, "/assets:ro")
	equal(t, "no proxy, no assets", c.Role("jobs").AssetPath, "")
}

func TestProxyValues(t *testing.T) {
	p := mustLoad(t, `
servers: [a]
proxy: {host: "a,b, c,", path_prefix: "/x,/y", ssl: {}, logging: {request_headers: []}, buffering: {requests: false, max_response_body: 0}}
`)
	proxy := p.Role("web").Proxy
	equal(t, "hosts", proxy.Hosts, []string{"a", "b", " c"})
	equal(t, "prefixes", proxy.PathPrefixes, []string{"/x", "/y"})
	equal(t, "an empty map asks for TLS", proxy.SSL, true)
	equal(t, "no headers", proxy.RequestHeaders, []string{})
	equal(t, "buffer requests", proxy.Buffering.Requests, false)
	equal(t, "buffer responses", proxy.Buffering.Responses, true)
	equal(t, "zero is kept", *proxy.Buffering.MaxResponse, 0)
}

func TestProxyRuns(t *testing.T) {
	c := mustLoad(t, `
servers: {web: [a], api: {hosts: [b], proxy: {run: {debug: false, http_port: 81}}}}
proxy: {run: {http_port: 81, debug: false, log_max_size: "", metrics_port: 9090}}
accessories:
  ui: {image: x, host: c, proxy: {host: ui.example, run: {publish: false}}}
  up: {image: x, host: d, proxy: {host: up.example, run: {}}}
`)
	equal(t, "port", c.ProxyRunFor("a").HTTPPort, 81)
	equal(t, "no log limit", c.ProxyRunFor("a").LogMaxSize, "")
	equal(t, "image", c.ProxyRunFor("a").Repository+":"+c.ProxyRunFor("a").Version, "basecamp/kamal-proxy:v0.9.2")
	equal(t, "accessory", c.ProxyRunFor("c").Publish, false)
	if c.ProxyRunFor("d") != nil || c.ProxyRunFor("elsewhere") != nil {
		t.Error("an empty run counts as none")
	}
	mustLoad(t, `
servers: [a]
proxy: {run: {debug: true, http_port: 81}}
accessories: {ui: {image: x, host: a, proxy: {host: ui.example, run: {http_port: 81, debug: true}}}}
`) // the order of keys makes no conflict
	_, err := loadText(t, `
servers: [a]
proxy: {run: {debug: true}}
accessories: {ui: {image: x, host: a, proxy: {host: ui.example, run: {debug: false}}}}
`)
	equal(t, "conflict", first(t, err).Message, "Conflicting proxy run configurations for host a")
}

func TestAccessories(t *testing.T) {
	c := mustLoad(t, `
servers: {web: [{a: db}, {b: [db, cache]}, {c: db-standby}], jobs: {hosts: [d, {e: db}]}}
env: {tags: {db: {X: y}}}
accessories:
  one: {image: "x:1", tag: db, port: 5432, options: {restart: always, memory: 1g}}
  two: {tags: [db, cache], registry: {server: reg.example, username: u, password: [PW]}, image: tools/x, network: back}
  three: {image: x, roles: [jobs, web, jobs], service: own, port: "127.0.0.1:1:2", proxy: {}}
  four: {role: web, files: ["a:/b:ro", {local: c, remote: /d, mode: "0640", owner: "1:1", options: z}], directories: ["data:/data"]}
`)
	one, two, three, four := c.Accessory("one"), c.Accessory("two"), c.Accessory("three"), c.Accessory("four")
	equal(t, "a string is searched in", one.Hosts, []string{"a", "b", "c"})
	equal(t, "duplicates stay", two.Hosts, []string{"a", "b", "c", "b"})
	equal(t, "roles in their order", three.Hosts, []string{"d", "e", "a", "b", "c", "d", "e"})
	equal(t, "service", one.Service+" "+three.Service, "shop-one own")
	equal(t, "port", one.Port+" "+three.Port, "5432:5432 127.0.0.1:1:2")
	equal(t, "restart", one.Restart+" "+two.Restart, "always unless-stopped")
	equal(t, "options", len(one.Options), 1)
	equal(t, "own registry in front", two.Image, "reg.example/tools/x")
	equal(t, "network", one.Network+" "+two.Network, "kamal back")
	equal(t, "an empty proxy is off", three.Proxied, false)
	equal(t, "text", four.Files[0].Remote+" "+four.Files[0].Options, "/b ro")
	equal(t, "map", four.Files[1].Mode+" "+four.Files[1].Owner, "0640 1:1")
	equal(t, "directory", four.Directories[0].Local, "data")
}

func TestSSHAndBuilder(t *testing.T) {
	c := mustLoad(t, `
servers: [a]
ssh: {user: deploy, port: "2222", proxy: jump.example, proxy_command: x, config: [a, b], keys: ["~/.ssh/id"], forward_agent: false}
builder: {arch: amd64, context: ., args: {A: 1, B: }, provenance: false, sbom: true, cache: {type: gha, options: mode=max}}
boot: {limit: 25%, wait: 2}
`)
	equal(t, "jump host", c.SSH.Proxy, "root@jump.example")
	equal(t, "command is not used", c.SSH.ProxyCommand, "")
	equal(t, "config", c.SSH.ConfigFiles, []string{"a", "b"})
	equal(t, "port as given", c.SSH.PortRaw.JSON(), `"2222"`)
	equal(t, "context", c.Builder.ContextSet, true)
	equal(t, "provenance", c.Builder.Provenance, "false")
	equal(t, "blank argument", c.Builder.Args[1].Value.Blank(), true)
	equal(t, "limit", c.Boot.Limit, "25%")
}

func TestLocalRegistry(t *testing.T) {
	c := mustLoad(t, "servers: [a]\nregistry: {server: 'localhost:5555'}\n")
	equal(t, "local", c.Registry.Local, true)
	dir := files{"config/deploy.yml": "service: shop\nservers: [a]\nregistry: {server: 'localhost:5555'}\nbuilder: {arch: amd64}\n"}.write(t)
	c, err := Load(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "image is the service", c.Repository(), "localhost:5555/shop")
}
