package kamal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

const listed = "\x1b[1;4mService\x1b[0m         \x1b[1;4mHost\x1b[0m                \x1b[1;4mPath\x1b[0m   \x1b[1;4mTarget\x1b[0m           \x1b[1;4mState\x1b[0m    \x1b[1;4mTLS\x1b[0m\n" +
	"\x1b[35mshop-manual\x1b[0m     docs.example.test   /docs  0123456789ab:80  \x1b[32mrunning\x1b[0m  no\n" +
	"shop-web-stage  a.example,b.example *      /      abcdef012345:3000  stopped  yes\n\n"

func TestParseProxyList(t *testing.T) {
	text := strings.Replace(listed, "a.example,b.example *", "a.example,b.example", 1)
	got := ParseProxyList(text)
	want := []ProxyService{
		{"shop-manual", "docs.example.test", "/docs", "0123456789ab:80", "running", "no"},
		{"shop-web-stage", "a.example,b.example", "/", "abcdef012345:3000", "stopped", "yes"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	is(t, "abcdef012345:3000", FindService(got, "shop-web-stage"))
	is(t, "", FindService(got, "shop-web"))
	if len(ParseProxyList("Service  Host  Path  Target  State  TLS\n")) != 0 {
		t.Error("the headings are a service")
	}
}

func TestParseProxyState(t *testing.T) {
	text := `[{"name": "shop-web", "options": {"hosts": ["a.example", "b.example"], "path_prefixes": ["/"], "tls_enabled": true,
		"tls_certificate_path": "/c/cert.pem", "tls_private_key_path": "/c/key.pem", "error_page_path": "/e/v1"},
		"target_options": {"buffer_requests": true}, "active_targets": ["0123456789ab:80"], "rollout_targets": null,
		"pause_controller": {"state": 2, "stop_message": "Back \"soon\"", "fail_after": 0}},
		{"name": "docs", "options": {"hosts": null}, "active_targets": ["0123456789cd:80"], "pause_controller": {"state": 0}}]`
	got, err := ParseProxyState([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []ProxyState{
		{Service: "shop-web", Hosts: []string{"a.example", "b.example"}, Paths: []string{"/"}, TLS: true, Targets: []string{"0123456789ab:80"},
			State: "stopped", Message: `Back "soon"`, Certificate: "/c/cert.pem", PrivateKey: "/c/key.pem", ErrorPagesPath: "/e/v1"},
		{Service: "docs", Targets: []string{"0123456789cd:80"}, State: "running"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	for _, empty := range []string{"", "[]\n"} {
		if got, err := ParseProxyState([]byte(empty)); err != nil || len(got) != 0 {
			t.Errorf("%q: %v, %v", empty, got, err)
		}
	}
	if _, err := ParseProxyState([]byte(text[:200])); err == nil {
		t.Error("a file that is cut short is accepted")
	}
	if !json.Valid([]byte(text)) {
		t.Error("the sample is no JSON")
	}
}

func TestCheckProxyVersion(t *testing.T) {
	for version, want := range map[string]string{
		"v0.9.2": "", "v0.9.10": "", "v0.10.0": "", "v1": "", "0.9.2": "",
		"v0.9.1":       "kamal-proxy version v0.9.1 is too old, run `kamal proxy reboot` in order to update to at least v0.9.2",
		"v0.8.99":      "is too old",
		"v0.9.2.beta1": "is too old", "v0.9.2-rc.1": "is too old", "v0.9.3.pre": "",
		"latest": `"latest", which tells no version`,
		"":       "tells no version",
	} {
		err := CheckProxyVersion(version)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", version, err)
		}
	}
}

func TestProxyRunAddresses(t *testing.T) {
	for ip, want := range map[string]string{
		"": "--publish 80:80", "1.2.3.4": "--publish 1.2.3.4:80:80", "::1": "--publish [::1]:80:80", "[::1]": "--publish [::1]:80:80",
		"fe80::1%eth0": "--publish [fe80::1%eth0]:80:80", "not:an:ip": "--publish not:an:ip:80:80",
	} {
		s := ProxyRunSpec{Publish: true, HTTPPort: 80, HTTPSPort: 443, BindIPs: []string{ip}, Image: "i"}
		if !strings.Contains(s.Line(), want+" ") {
			t.Errorf("%s: %s", ip, s.Line())
		}
	}
}

func TestBootConfigFiles(t *testing.T) {
	for _, f := range DefaultBootConfig().Files() {
		if !f.Default {
			t.Errorf("%s is %q", f.Name, f.Text)
		}
		if f.Text != "" && f.Name != ".kamal/proxy/image" && !strings.Contains(BootConfigGetLine(), `cat `+f.Name+` 2> /dev/null || echo "`+f.Text+`"`) {
			t.Errorf("%s: %q is not the default on hosts", f.Name, f.Text)
		}
	}
	c := DefaultBootConfig()
	c.HTTPPort, c.HTTPSPort, c.DockerOptions, c.Registry, c.Repository = 8081, 8444, []string{"label=a=b"}, "reg.example.test", "mine"
	c.ImageVersion, c.MetricsPort, c.Debug = "v0.9.9", 9100, true
	var texts []string
	for _, f := range c.Files() {
		texts = append(texts, f.Text)
	}
	is(t, "--publish 8081:80 --publish 8444:443 --log-opt max-size=10m --expose=9100 --label=a=b|reg.example.test/mine/kamal-proxy|v0.9.9|"+
		`kamal-proxy run --debug --metrics-port "9100"`, strings.Join(texts, "|"))
}

// The line reads the files with a real shell, and what it finds without them.
func TestBootConfigThroughShell(t *testing.T) {
	dir := t.TempDir()
	is(t, "--publish 80:80 --publish 443:443 --log-opt max-size=10m basecamp/kamal-proxy:v0.9.2\n", shell(t, dir, BootConfigGetLine(), true))
	shell(t, dir, BootConfigDirLine+" && printf %s --publish=1:80 > .kamal/proxy/options && printf %s 'kamal-proxy run' > .kamal/proxy/run_command", true)
	is(t, "--publish=1:80 basecamp/kamal-proxy:v0.9.2 kamal-proxy run\n", shell(t, dir, BootConfigGetLine(), true))
}
