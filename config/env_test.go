package config

import (
	"strings"
	"testing"
)

// envText writes what a role gets on a host: clear variables, then secrets.
func envText(c *Config, role, host string) string {
	clear, secrets := c.EnvFor(c.Role(role), host)
	var out []string
	for _, p := range clear {
		out = append(out, p.Key+"="+p.Value.Text())
	}
	for _, s := range secrets {
		out = append(out, s.Name+"<"+s.Source)
	}
	return strings.Join(out, " ")
}

func TestEnvIsMergedRootRoleTags(t *testing.T) {
	c := mustLoad(t, `
servers:
  web:
    hosts: [{a: [east, canary]}, b, {c: [canary, east]}]
    env: {clear: {B: role, C: role}, secret: [KEY, "URL:ROLE_URL"]}
env:
  clear: {A: root, B: root}
  secret: ["URL:ROOT_URL", TOKEN, "COLON:A:B"]
  tags:
    east: {A: east, Z: east}
    canary: {clear: {A: canary}, secret: ["URL:CANARY_URL"]}
`)
	equal(t, "a", envText(c, "web", "a"), "A=canary B=role C=role Z=east URL<CANARY_URL TOKEN<TOKEN COLON<A:B KEY<KEY")
	equal(t, "b", envText(c, "web", "b"), "A=root B=role C=role URL<ROLE_URL TOKEN<TOKEN COLON<A:B KEY<KEY")
	equal(t, "c", envText(c, "web", "c"), "A=east B=role C=role Z=east URL<CANARY_URL TOKEN<TOKEN COLON<A:B KEY<KEY")
}

func TestTagsThatMatchNothing(t *testing.T) {
	c := mustLoad(t, "servers: [{a: 1}, {b: '2'}, {c: 'x, y'}]\nenv: {tags: {1: {N: one}, '2': {N: two}, x: {N: x}}}\n")
	equal(t, "a number as a key matches nothing", envText(c, "web", "a"), "")
	equal(t, "quoted", envText(c, "web", "b"), "N=two")
	equal(t, "one string is one tag", envText(c, "web", "c"), "")

	c = mustLoad(t, "servers: [{a: east}]\n")
	equal(t, "no root env", envText(c, "web", "a"), "")
	equal(t, "warnings", len(c.Warnings), 1)
}

func TestTheLastEntryOfAHostCounts(t *testing.T) {
	c := mustLoad(t, "servers: [{a: x}, b, {a: y}]\nenv: {tags: {x: {N: 1}, y: {N: 2}}}\n")
	equal(t, "hosts", c.Role("web").HostNames(), []string{"a", "b"})
	equal(t, "env", envText(c, "web", "a"), "N=2")
}
