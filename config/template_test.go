package config

import (
	"context"
	"strings"
	"testing"
)

func TestTheDestinationVariable(t *testing.T) {
	dir := files{
		"config/deploy.yml":       based("servers: [a]\nlabels: {base: \"x<%= ENV['KAMAL_DESTINATION'] %>\"}\n"),
		"config/deploy.stage.yml": "labels: {over: \"x<%= ENV['KAMAL_DESTINATION'] %>\"}\n",
	}.write(t)
	environ := []string{"KAMAL_DESTINATION=old", "A=b"}
	c, err := Load(t.Context(), Options{Dir: dir, Destination: "stage", Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "labels", c.Raw.Get("labels").JSON(), `{"base":"xstage","over":"xstage"}`)
	equal(t, "environment", c.Environ, []string{"A=b", "KAMAL_DESTINATION=stage"})

	c, err = Load(t.Context(), Options{Dir: dir, Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "labels", c.Raw.Get("labels").JSON(), `{"base":"x"}`)
	equal(t, "environment", c.Environ, []string{"A=b"})
}

func TestCommandsSeeWhatDotenvLoaded(t *testing.T) {
	dir := files{
		"config/deploy.yml": based(`<% require "dotenv"; Dotenv.load(".env", ".env.local") %>
servers: [<%= ENV["HOST"] %>]
labels: {seen: <%= ` + "`printf %s \"$NEW\"`" + ` %>, kept: <%= ENV["KEPT"] %>}
`),
		".env": "HOST=h1\nNEW=n\nKEPT=file\n", // .env.local is missing, which is no matter
	}.write(t)
	c, err := Load(t.Context(), Options{Dir: dir, Environ: []string{"KEPT=before"}, Shell: shellIn(dir), Dotenv: lines})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "hosts", c.AllHosts(), []string{"h1"})
	equal(t, "labels", c.Raw.Get("labels").JSON(), `{"seen":"n","kept":"before"}`)
	equal(t, "environment", c.Environ, []string{"HOST=h1", "KEPT=before", "NEW=n"})
}

// lines is a dotenv parser that knows only NAME=VALUE.
func lines(text string, _ bool, _ func(string) (string, bool), _ func(string) (string, error)) ([]Variable, error) {
	var out []Variable
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		out = append(out, Variable{name, value})
	}
	return out, nil
}

func TestWithoutAShellCommandsAreRefused(t *testing.T) {
	_, err := loadText(t, "servers: [a]\nlabels: {a: <%= `id` %>}\n")
	equal(t, "kind", first(t, err).Kind, TemplateError)
}

func TestDockerArchIsAskedOnlyWhenItCounts(t *testing.T) {
	text := "servers: [a]\nimage: i\nregistry: {server: 'localhost:5000'}\nbuilder: {arch: %, remote: 'tcp://b'}\n"
	for arch, refused := range map[string]bool{"arm64": true, "amd64": false, "[amd64, arm64]": true} {
		dir := files{"config/deploy.yml": based(strings.Replace(text, "%", arch, 1))}.write(t)
		_, err := Load(t.Context(), Options{Dir: dir, DockerArch: func(context.Context) (string, error) { return "amd64", nil }})
		equal(t, arch, err != nil, refused)
	}
	asked := 0
	dir := files{"config/deploy.yml": based("servers: [a]\nbuilder: {arch: amd64, remote: 'tcp://b'}\n")}.write(t)
	_, err := Load(t.Context(), Options{Dir: dir, DockerArch: func(context.Context) (string, error) { asked++; return "", nil }})
	if err != nil || asked != 0 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

func TestAliasesNeedNoValidFile(t *testing.T) {
	dir := files{
		"config/deploy.yml":       based("servers: [a]\nlabels: {bad: [1]}\naliases: {go: \"config --version d<%= ENV['KAMAL_DESTINATION'] %>\", zz: version}\n"),
		"config/deploy.stage.yml": "aliases: {zz: details}\n",
	}.write(t)
	got, err := LoadAliases(t.Context(), Options{Dir: dir, Destination: "stage"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "count", len(got), 2)
	equal(t, "not set during the look-up", got[0].Line, "config --version d")
	equal(t, "merged", got[1].Line, "details")
}

func TestRenderFile(t *testing.T) {
	dir := files{
		"init.sql.erb": "create user <%= ENV[\"WHO\"] %> password '<%= ENV[\"PASS\"] %>';\n",
		"bad.erb":      "# <%= Rails.root %>\n",
	}.write(t)
	o := Options{Dir: dir, Environ: []string{"WHO=ann", "PASS=p'w"}}
	got, err := RenderFile(t.Context(), o, "init.sql.erb")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "text", got, "create user ann password 'p'w';\n")
	_, err = RenderFile(t.Context(), o, "bad.erb")
	equal(t, "place", first(t, err).Pos, Pos{File: "bad.erb", Line: 1, Col: 7})
	if _, err := RenderFile(t.Context(), o, "missing.erb"); err == nil {
		t.Error("a missing file is an error")
	}
}
