package kamal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLogin(t *testing.T) {
	is(t, `docker login ghcr.io -u "bob" --password-stdin`, LoginStdinLine("ghcr.io", "bob"))
	is(t, "docker logout", LogoutLine(""))
}

func TestLogsLines(t *testing.T) {
	role := App{"shop", ""}.Role("web")
	id := role.CurrentIDLine("shop:latest") + " | xargs docker logs"
	is(t, id+" --timestamps --since 1h --tail 5 2>&1 | grep 'a b' -C 2",
		role.LogsLine("shop:latest", LogsSpec{Timestamps: true, Since: "1h", Lines: 5, Grep: "a b", GrepOptions: "-C 2"}))
	is(t, id+` --timestamps --since 1h --tail 10 --follow 2>&1 | grep --line-buffered "x"`, role.LogsLine("shop:latest", LogsSpec{Timestamps: true, Since: "1h", Lines: 10, Grep: "x", Follow: true}))
	is(t, "sh -c 'echo abc' | xargs docker logs 2>&1", role.LogsLine("shop:latest", LogsSpec{ContainerID: "abc"}))
	is(t, "docker logs kamal-proxy --since 1h --tail 5 --timestamps 2>&1 | grep 'x'", ProxyLogsLine(ContainerLogs{Since: "1h", Lines: 5, Timestamps: true, Grep: "x"}))
	is(t, `docker logs kamal-proxy --timestamps --tail 10 --follow 2>&1 | grep --line-buffered "x"`, ProxyLogsLine(ContainerLogs{Timestamps: true, Lines: 10, Grep: "x", Follow: true}))
	db := Accessory{App: App{"shop", ""}, Name: "db", Service: "shop-db"}
	is(t, "docker logs shop-db  --since 1h  --tail 5 --timestamps 2>&1 | grep 'x' -i", db.LogsLine(ContainerLogs{Since: "1h", Lines: 5, Timestamps: true, Grep: "x", GrepOptions: "-i"}))
	is(t, "docker logs shop-db --timestamps --tail 10 --follow 2>&1", db.LogsLine(ContainerLogs{Lines: 10, Timestamps: true, Follow: true}))
	is(t, "docker logs shop-db --since 1h --tail 500 --follow 2>&1", db.LogsLine(ContainerLogs{Since: "1h", Lines: 500, Follow: true}))
}

// The lines that bridge and clean assets are run by a real shell.
func TestAssetLinesThroughShell(t *testing.T) {
	app := App{"shop", ""}
	web, dir := app.Role("web"), t.TempDir()
	put := func(version, file, text string) {
		path := filepath.Join(dir, app.AssetExtracted("web", version), file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("v1", "old.css", "1")
	put("v1", "shared.css", "1")
	shell(t, dir, web.AssetSyncLine("v1", ""), true)
	put("v2", "new.css", "2")
	put("v2", "shared.css", "2")
	shell(t, dir, web.AssetSyncLine("v2", "v1"), true)
	is(t, "web-v1/new.css web-v1/old.css web-v1/shared.css web-v2/new.css web-v2/old.css web-v2/shared.css ",
		shell(t, dir, "cd "+app.AppDir()+"/assets/volumes && find * -type f | sort | tr '\\n' ' '", true))
	is(t, "12", shell(t, dir, "cat "+app.AssetVolume("web", "v1")+"/shared.css "+app.AssetVolume("web", "v2")+"/shared.css", true))
	put("v2x", "other.css", "x")
	shell(t, dir, web.AssetCleanLine("v2"), true)
	is(t, "extracted/web-v2 volumes/web-v2 ", shell(t, dir, "cd "+app.AppDir()+"/assets && ls -d */* | tr '\\n' ' '", true))
}

func TestBuild(t *testing.T) {
	s := BuildSpec{
		Cache: GHACache("mode=max,scope=a,url=x,token"), Service: "shop",
		Args: []Pair{{"K", Text("a b")}, {"E", Text("")}}, Secrets: []string{"S"}, Dockerfile: "Dockerfile", SBOM: "false",
	}
	is(t, `--cache-to type=gha,mode=max,scope=a,url=x,token --cache-from type=gha,scope=a,url=x --label service="shop" --build-arg K="a b" --build-arg E `+
		`--secret id="S" --file Dockerfile --sbom false`, strings.Join(s.OptionArgs(), " "))
	for got, want := range map[string]string{
		LocalBuilder("docker", false):                              "",
		LocalBuilder("docker-container", true):                     "kamal-local-registry-docker-container",
		RemoteBuilder("ssh://Build@h:22", true):                    "kamal-remote-ssh----uild-h-22-local-registry",
		HybridBuilder("docker-container", "tcp://h", false):        "kamal-hybrid-docker-container-tcp---h",
		CloudBuilder("cloud org/name"):                             "cloud-org-name",
		SSHCommand{User: "root", Port: "22"}.Line("h", "echo 'x'"): `ssh -t root@h -p 22 'echo '\''x'\'''`,
		SSHCommand{User: "u", Port: "2", ProxyCommand: "nc %h %p", ConfigFiles: []string{"a", "b"}}.Line("h", "ls"): "ssh -F a -F b -o ProxyCommand='nc %h %p' -t u@h -p 2 'ls'",
	} {
		is(t, want, got)
	}
}

func TestSplitWords(t *testing.T) {
	for in, want := range map[string]string{
		`a  b`: "a|b", `a 'b c' "d e"`: "a|b c|d e", `a\ b "c\"d\e" ''`: `a b|c"d\e|`, "": "", `a'b'"c"d`: "abcd", `x | y > z`: "x|||y|>|z",
	} {
		got, err := SplitWords(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
		}
		is(t, want, strings.Join(got, "|"))
	}
	for _, bad := range []string{`'a`, `"a`, `a "b\"`} {
		if _, err := SplitWords(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestExpand(t *testing.T) {
	aliases := map[string]string{"console": "app exec -i bash", "loop": "pool", "pool": "loop", "open": "'a", "empty": " ", "ver": "app version"}
	look := func(name string) (string, bool, error) { l, ok := aliases[name]; return l, ok, nil }
	for in, want := range map[string]string{
		"console -d stage": "app exec -i bash -d stage", "redep x": "redeploy x", "-d stage console": "-d stage console", "ver": "version", "": "",
	} {
		got, err := Expand(strings.Fields(in), Commands(), look)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"nosuch", "loop", "open", "empty"} {
		if got, err := Expand([]string{in}, Commands(), look); err == nil {
			t.Errorf("%s: %v", in, got)
		}
	}
	var many *AmbiguousError
	if _, err := Expand([]string{"re"}, Commands(), look); !errors.As(err, &many) || !slices.Equal(many.Matches, []string{"redeploy", "registry", "remove"}) {
		t.Errorf("%v", err)
	}
}
