package config

import (
	"strings"
	"testing"
)

// TestConfigOutputOfTheSmallest is the output that Kamal's config command gives
// for the smallest configuration.
func TestConfigOutputOfTheSmallest(t *testing.T) {
	c := mustLoad(t, "servers: [192.0.2.10]\n")
	v, err := c.ConfigOutput(Shown{Version: "v1", Logging: []string{"--log-opt", `max-size="10m"`}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "output", string(EmitYAML(v)), `---
:roles:
- web
:hosts:
- 192.0.2.10
:primary_host: 192.0.2.10
:version: v1
:repository: acme/shop
:absolute_image: acme/shop:v1
:service_with_version: shop-v1
:volume_args: []
:ssh_options:
  :user: root
  :port: 22
  :keepalive: true
  :keepalive_interval: 30
  :log_level: :fatal
:sshkit: {}
:builder:
  arch: amd64
:logging:
- "--log-opt"
- max-size="10m"
`)
}

func TestConfigOutputOfMore(t *testing.T) {
	c := mustLoad(t, `
servers: {web: [a], api: [b]}
volumes: ["x:/x"]
ssh: {port: "2222", proxy: jump, keys: [k], key_data: [KEY], config: false, log_level: debug}
sshkit: {dns_retries: 5}
accessories: {db: {image: "postgres:16", host: c}}
`)
	v, err := c.ConfigOutput(Shown{Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	got := string(EmitYAML(v))
	for _, part := range []string{
		":roles:\n- api\n- web\n", ":hosts:\n- b\n- a\n- c\n:primary_host: a\n", ":volume_args:\n- \"--volume\"\n- x:/x\n",
		"  :port: '2222'\n  :proxy: root@jump\n", "  :keys:\n  - k\n  :key_data:\n  - \"********\"\n  :config: false\n  :log_level: debug\n",
		":sshkit:\n  dns_retries: 5\n", ":accessories:\n  db:\n    image: postgres:16\n    host: c\n",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
	v, err = c.ConfigOutput(Shown{Version: "v1", KeyData: []string{"shown"}})
	if err != nil || !strings.Contains(string(EmitYAML(v)), "  :key_data:\n  - shown\n") {
		t.Errorf("keys are shown when asked: %v\n%s", err, EmitYAML(v))
	}
}

func TestConfigOutputWithoutServers(t *testing.T) {
	dir := files{"config/deploy.yml": based("accessories: {db: {image: x, host: a}}\n")}.write(t)
	c, err := Load(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ConfigOutput(Shown{}); err == nil {
		t.Error("Kamal crashes here; a message is wanted")
	}
	equal(t, "primary host", c.PrimaryHost(), "")
}
