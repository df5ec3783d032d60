package adapter_test

import (
	"encoding/base64"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/vault/adapter"
	"github.com/warmlyyours/hwdeploy/internal/vault/clitest"
)

func TestBitwarden(t *testing.T) {
	version, sync := ok("--version"), ok("sync")
	status := func(s string) clitest.Call { return out(`{"serverUrl":null,"status":"`+s+`"}`, "status") }
	r := func(names ...string) adapter.Request { return adapter.Request{Names: names, Account: "me@example.com"} }
	item := `{"name":"i","fields":[{"name":"f1","value":"v1"},{"name":"f2","value":null}],"login":{"password":"p$"}}`
	note := `{"name":"n","fields":[{"name":"f1","value":"v1"},{"name":"f2","value":"v2"}],"login":null}`
	play(t, "bitwarden", []scene{
		{name: "unlocked, login password", program: "bw", request: r("my item"), calls: []clitest.Call{version, status("unlocked"), sync, out(item, "get", "item", "my item")}, want: `{"my item":"p$"}`},
		{name: "fields", program: "bw", request: r("i/f2", "n/f1/deeper", "i/f1"), calls: []clitest.Call{version, status("unlocked"), sync, out(item, "get", "item", "i"), out(note, "get", "item", "n")},
			want: `{"i/f2":null,"i/f1":"v1","n/f1":"v1"}`},
		{name: "all fields", program: "bw", request: r("n"), calls: []clitest.Call{version, status("unlocked"), sync, out(note, "get", "item", "n")}, want: `{"n/f1":"v1","n/f2":"v2"}`},
		{name: "from", program: "bw", request: adapter.Request{Names: []string{"f1"}, Account: "a", From: "n"}, calls: []clitest.Call{version, status("unlocked"), sync, out(note, "get", "item", "n")}, want: `{"n/f1":"v1"}`},
		{name: "log in, unlock", program: "bw", request: r("i"), calls: []clitest.Call{version,
			with(out(`{"status":"unlocked"}`, "status"), "BW_SESSION=k$y ="),
			with(status("unauthenticated"), "BW_SESSION="),
			// The fake's third answer is in the file bw.out2: from now on it is locked.
			{Args: []string{"login", "me@example.com"}, Then: `sed 's/unauthenticated/locked/' "$HOME/bw.out2" >"$HOME/x" && cat "$HOME/x" >"$HOME/bw.out2"`},
			out("k$y =\n", "unlock", "--raw"), with(sync, "BW_SESSION=k$y ="), with(out(item, "get", "item", "i"), "BW_SESSION=k$y =")}, want: `{"i":"p$"}`},
		{name: "stays locked", program: "bw", request: r("i"), calls: []clitest.Call{version, status("locked"), ok("unlock", "--raw")}, err: "Failed to login to and unlock Bitwarden"},
		{name: "unlock fails", program: "bw", request: r("i"), calls: []clitest.Call{version, status("locked"), bad("unlock", "--raw")}, err: "Failed to login to and unlock Bitwarden"},
		{name: "sync fails", program: "bw", request: r("i"), calls: []clitest.Call{version, status("unlocked"), bad("sync")}, err: "Failed to sync Bitwarden"},
		{name: "no item", program: "bw", request: r("i"), calls: []clitest.Call{version, status("unlocked"), sync, bad("get", "item", "i")}, err: "Could not read i from Bitwarden"},
		{name: "no field", program: "bw", request: r("i/x"), calls: []clitest.Call{version, status("unlocked"), sync, out(item, "get", "item", "i")}, err: "Could not find field x in item i in Bitwarden"},
		{name: "nothing in it", program: "bw", request: r("i"), calls: []clitest.Call{version, status("unlocked"), sync, out(`{"fields":[]}`, "get", "item", "i")},
			err: "Item i is not a login type item and no fields were specified"},
	})
}

func TestBitwardenSecretsManager(t *testing.T) {
	version, project := ok("--version"), out("[]", "project", "list")
	r := func(from string, names ...string) adapter.Request { return adapter.Request{Names: names, From: from} }
	list := `[{"key":"A","value":"1"},{"key":"B","value":"$2"}]`
	play(t, "bitwarden-sm", []scene{
		{name: "by id", program: "bws", request: r("", "id-1", "id 2"), calls: []clitest.Call{version, project, out(`{"key":"A","value":"1"}`, "secret", "get", "id-1"), out(`{"key":"B","value":"2"}`, "secret", "get", "id 2")}, want: `{"A":"1","B":"2"}`},
		{name: "all", program: "bws", request: r("", "all"), calls: []clitest.Call{version, project, out(list, "secret", "list")}, want: `{"A":"1","B":"$2"}`},
		{name: "all of a project", program: "bws", request: r("", "p 1/all"), calls: []clitest.Call{version, project, out(list, "secret", "list", "p 1")}, want: `{"A":"1","B":"$2"}`},
		{name: "all from a project", program: "bws", request: r("p", "all"), calls: []clitest.Call{version, project, out(list, "secret", "list", "p")}, want: `{"A":"1","B":"$2"}`},
		{name: "all among others is an id", program: "bws", request: r("", "all", "x"), calls: []clitest.Call{version, project, bad("secret", "get", "all")}, err: "Could not read all from Bitwarden Secrets Manager"},
		{name: "nothing asked", program: "bws", request: r(""), calls: []clitest.Call{version, project}, err: "You must specify what to retrieve from Bitwarden Secrets Manager"},
		{name: "no list", program: "bws", request: r("", "all"), calls: []clitest.Call{version, project, bad("secret", "list")}, err: "Could not read secrets from Bitwarden Secrets Manager"},
		{name: "no token", program: "bws", request: r("", "x"), calls: []clitest.Call{version, bad("project", "list")},
			err: "Could not authenticate to Bitwarden Secrets Manager. Did you set a valid access token?"},
	})
}

func TestLastPass(t *testing.T) {
	version, in := ok("--version"), out("Logged in as me@x.\n", "status", "--color", "never")
	r := func(from string, names ...string) adapter.Request {
		return adapter.Request{Names: names, Account: "me@x", From: from}
	}
	play(t, "lastpass", []scene{
		{name: "fetch", program: "lpass", request: r("", "A", "f/B b"), calls: []clitest.Call{version, in, out(`[{"fullname":"f/B b","password":"2"},{"fullname":"A","password":"$1"}]`, "show", "A", "f/B b", "--json")}, want: `{"f/B b":"2","A":"$1"}`},
		{name: "from", program: "lpass", request: r("f", "A"), calls: []clitest.Call{version, in, out(`[{"fullname":"f/A","password":"1"}]`, "show", "f/A", "--json")}, want: `{"f/A":"1"}`},
		{name: "log in", program: "lpass", request: r("", "A"), calls: []clitest.Call{version, out("Logged in as other@x.", "status", "--color", "never"), ok("login", "me@x"), out(`[{"fullname":"A","password":"1"}]`, "show", "A", "--json")}, want: `{"A":"1"}`},
		{name: "log in, status fails", program: "lpass", request: r("", "A"), calls: []clitest.Call{version, bad("status", "--color", "never"), bad("login", "me@x")}, err: "Failed to login to LastPass"},
		{name: "refused", program: "lpass", request: r("", "A", `B"`), calls: []clitest.Call{version, in, bad("show", "A", `B"`, "--json")}, err: `Could not read ["A", "B\""] from LastPass`},
		{name: "missing", program: "lpass", request: r("", "A", "B", "C"), calls: []clitest.Call{version, in, out(`[{"fullname":"B","password":"1"}]`, "show", "A", "B", "C", "--json")}, err: "Could not find A, C in LastPass"},
	})
}

func TestAWS(t *testing.T) {
	version := ok("--version")
	get := func(more ...string) []string {
		return append([]string{"secretsmanager", "batch-get-secret-value", "--secret-id-list"}, more...)
	}
	values := `{"SecretValues":[
 {"Name":"o","SecretString":"{\"z\":\"$1\",\"a\":{\"b\":[1, 2.50]},\"n\":null,\"t\":true}"},
 {"Name":"s","SecretString":"plain text"},{"Name":"q","SecretString":"\"quoted\""},{"Name":"i","SecretString":"123"},{"Name":"l","SecretString":"[1, \"é<\"]"}],"Errors":[]}`
	play(t, "aws_secrets_manager", []scene{
		{name: "kinds of values", program: "aws", request: adapter.Request{Names: []string{"o", "s 2"}, Account: "my profile"}, calls: []clitest.Call{version, out(values, get("o", "s 2", "--profile", "my profile", "--output", "json")...)},
			want: `{"o/z":"$1","o/a":"{\"b\":[1,2.5]}","o/n":"null","o/t":"true","s":"plain text","q":"quoted","i":"123","l":"[1,\"é<\"]"}`},
		{name: "no account, from", program: "aws", request: adapter.Request{Names: []string{"o"}, From: "prod"}, calls: []clitest.Call{version, out(`{"SecretValues":[]}`, get("prod/o", "--output", "json")...)}, want: `{}`},
		{name: "errors", program: "aws", request: adapter.Request{Names: []string{"a", "b"}}, calls: []clitest.Call{version, out(`{"SecretValues":[],"Errors":[{"SecretId":"a","Message":"can't find it."},{"SecretId":"b","Message":"denied"}]}`, get("a", "b", "--output", "json")...)},
			err: "a: can't find it. b: denied"},
		{name: "refused", program: "aws", request: adapter.Request{Names: []string{"a"}}, calls: []clitest.Call{version, {Args: get("a", "--output", "json"), Out: "expired", Status: 255}}, err: "Could not read expired from AWS Secrets Manager"},
		{name: "refused after half an answer", program: "aws", request: adapter.Request{Names: []string{"a"}}, calls: []clitest.Call{version, {Args: get("a", "--output", "json"), Out: values[:60], Status: 255}}, err: "Could not read secrets from AWS Secrets Manager"},
	})
}

func TestGCP(t *testing.T) {
	version, in := ok("--version"), out(`[{"account":"me@x","status":"ACTIVE"}]`, "auth", "list", "--format=json")
	payload := func(v string) string {
		return `{"name":"n","payload":{"data":"` + base64.URLEncoding.EncodeToString([]byte(v)) + `"}}`
	}
	access := func(version, name string, more ...string) []string {
		return append([]string{"secrets", "versions", "access", version, "--secret=" + name}, append(more, "--format=json")...)
	}
	r := func(account, from string, names ...string) adapter.Request {
		return adapter.Request{Names: names, Account: account, From: from}
	}
	play(t, "gcp", []scene{
		{name: "defaults", program: "gcloud", request: r("default", "", "s"), calls: []clitest.Call{version, in, out(payload("a?>$\n~é"), access("latest", "s")...)}, want: `{"default/s":"a?>$\n~é"}`},
		{name: "project and version", program: "gcloud", request: r("default", "", "p/s", "default/t", "p/u v/12"), calls: []clitest.Call{version, in,
			out(payload("1"), access("latest", "s", "--project=p")...), out(payload("2"), access("latest", "t")...), out(payload("3"), access("12", "u v", "--project=p")...)},
			want: `{"p/s":"1","default/t":"2","p/u v":"3"}`},
		{name: "from", program: "gcloud", request: r("default", "p", "s/7"), calls: []clitest.Call{version, in, out(payload("1"), access("7", "s", "--project=p")...)}, want: `{"p/s":"1"}`},
		{name: "user", program: "gcloud", request: r("me@x", "", "s"), calls: []clitest.Call{version, in, out(payload("1"), access("latest", "s", "--account=me@x")...)}, want: `{"default/s":"1"}`},
		{name: "user and chain", program: "gcloud", request: r("me@x|a@x,b@x", "", "p/s"), calls: []clitest.Call{version, in,
			out(payload("1"), access("latest", "s", "--project=p", "--account=me@x", "--impersonate-service-account=a@x,b@x")...)}, want: `{"p/s":"1"}`},
		{name: "chain", program: "gcloud", request: r("default|a@x", "", "s"), calls: []clitest.Call{version, in, out(payload("1"), access("latest", "s", "--impersonate-service-account=a@x")...)}, want: `{"default/s":"1"}`},
		{name: "log in", program: "gcloud", request: r("default", "", "s"), calls: []clitest.Call{version, out("[]", "auth", "list", "--format=json"),
			{Args: []string{"auth", "login"}, Then: `echo '[{"account":"me@x"}]' >"$HOME/gcloud.out1"`}, out(payload("1"), access("latest", "s")...)}, want: `{"default/s":"1"}`},
		{name: "no log in", program: "gcloud", request: r("default", "", "s"), calls: []clitest.Call{version, out("[]", "auth", "list", "--format=json"), ok("auth", "login")}, err: "could not login to gcloud"},
		{name: "refused", program: "gcloud", request: r("default", "p", "s"), calls: []clitest.Call{version, in, bad(access("latest", "s", "--project=p")...)}, err: "Could not read p/s from Google Secret Manager"},
		{name: "binary", program: "gcloud", request: r("default", "p", "s"), calls: []clitest.Call{version, in, out(payload("\xff\xfe"), access("latest", "s", "--project=p")...)}, err: "Could not read p/s from Google Secret Manager: its payload is not text"},
	})
}

func TestDoppler(t *testing.T) {
	version, me := ok("--version"), ok("me", "--json")
	r := func(from string, names ...string) adapter.Request { return adapter.Request{Names: names, From: from} }
	answer := `{"B":{"computed":"$2","note":""},"A":{"computed":"1"}}`
	get := func(more ...string) []string { return append([]string{"secrets", "get"}, more...) }
	play(t, "doppler", []scene{
		{name: "from", program: "doppler", request: r("my p/prd", "A", "B"), calls: []clitest.Call{version, me, out(answer, get("A", "B", "--json", "-p", "my p", "-c", "prd")...)}, want: `{"B":"$2","A":"1"}`},
		{name: "in the names", program: "doppler", request: r("", "p/prd/A", "q/dev/B"), calls: []clitest.Call{version, me, out(answer, get("A", "B", "--json", "-p", "p", "-c", "prd")...)}, want: `{"B":"$2","A":"1"}`},
		{name: "service token", program: "doppler", request: r("", "A"), env: []string{"DOPPLER_TOKEN=dp.st.x"}, calls: []clitest.Call{version, me, out(answer, get("A", "--json")...)}, want: `{"B":"$2","A":"1"}`},
		{name: "other token", program: "doppler", request: r("", "A"), env: []string{"DOPPLER_TOKEN=dp.ct.x"}, calls: []clitest.Call{version, me}, err: "Missing project or config from '--from=project/config' option"},
		{name: "nothing", program: "doppler", request: r(""), calls: []clitest.Call{version, me}, err: "Missing project or config from '--from=project/config' option"},
		{name: "log in", program: "doppler", request: r("p/c", "A"), calls: []clitest.Call{version, bad("me", "--json"), ok("login", "-y"), out(answer, get("A", "--json", "-p", "p", "-c", "c")...)}, want: `{"B":"$2","A":"1"}`},
		{name: "no log in", program: "doppler", request: r("p/c", "A"), calls: []clitest.Call{version, bad("me", "--json"), bad("login", "-y")}, err: "Failed to login to Doppler"},
		{name: "refused", program: "doppler", request: r("p/c", "A", "B"), calls: []clitest.Call{version, me, bad(get("A", "B", "--json", "-p", "p", "-c", "c")...)}, err: `Could not read ["p/c/A", "p/c/B"] from Doppler`},
	})
}

func TestEnpass(t *testing.T) {
	version := ok("version")
	r := func(names ...string) adapter.Request { return adapter.Request{Names: names, From: "/my vault"} }
	show := func(answer string, titles ...string) clitest.Call {
		return out(answer, append([]string{"-json", "-vault", "/my vault", "show"}, titles...)...)
	}
	answer := `[{"title":"T","label":"A","password":"1"},{"title":"T","label":"B","password":" $2 "},{"title":"T","label":"","password":"3"},
 {"title":"T","label":"blank","password":"  "},{"title":"U","label":"A","password":"4"},{"label":"x","password":"5"}]`
	play(t, "enpass", []scene{
		{name: "title", program: "enpass-cli", request: r("T"), calls: []clitest.Call{version, show(answer, "T")}, want: `{"T/A":"1","T/B":" $2 ","T":"3"}`},
		{name: "labels", program: "enpass-cli", request: r("T/A", "U/A", "T/B"), calls: []clitest.Call{version, show(answer, "T", "U")}, want: `{"T/A":"1","T/B":" $2 ","U/A":"4"}`},
		{name: "slashes", program: "enpass-cli", request: r("a/b/c", "/d"), calls: []clitest.Call{version, show(`[{"title":"a/b","label":"c","password":"1"}]`, "a/b", "d")}, want: `{"a/b/c":"1"}`},
		{name: "twice", program: "enpass-cli", request: r("T"), calls: []clitest.Call{version, show(`[{"title":"T","label":"A","password":"1"},{"title":"T","label":"A","password":"2"}]`, "T")}, err: "T/A is present more than once"},
		{name: "refused", program: "enpass-cli", request: r("T"), calls: []clitest.Call{version, {Args: []string{"-json", "-vault", "/my vault", "show", "T"}, Status: 1}}, err: `Could not read ["T"] from Enpass`},
		{name: "no vault", program: "enpass-cli", request: adapter.Request{Names: []string{"T"}}, calls: []clitest.Call{version}, err: "No vault given"},
	})
}

func TestPassbolt(t *testing.T) {
	version, verify := ok("--version"), ok("verify")
	r := func(from string, names ...string) adapter.Request { return adapter.Request{Names: names, From: from} }
	folders := func(answer, filter string) clitest.Call {
		return out(answer, "list", "folders", "--filter", filter, "--json")
	}
	resources := func(answer, filter string, ids ...string) clitest.Call {
		args := []string{"list", "resources", "--filter", filter}
		for _, id := range ids {
			args = append(args, "--folder", id)
		}
		return out(answer, append(args, "--column", "name", "--column", "password", "--json")...)
	}
	top := `[{"id":"id-p","folder_parent_id":"","name":"p"}]`
	sub := `[{"id":"id-s","folder_parent_id":"id-p","name":"s"}]`
	play(t, "passbolt", []scene{
		{name: "at the root", program: "passbolt", request: r("", "A", `it's "$B"`), calls: []clitest.Call{version, verify,
			resources(`[{"name":"A","password":"1"},{"name":"it's \"$B\"","password":"$2"}]`, `Name == "A" || Name == "it\\'s\\ \\\"\\$B\\\""`)}, want: `{"A":"1","it's \"$B\"":"$2"}`},
		{name: "in a folder", program: "passbolt", request: r("p", "A", "B"), calls: []clitest.Call{version, verify, folders(top, `Name == "p"`),
			resources(`[{"name":"A","password":"1"},{"name":"B","password":"2"}]`, `(Name == "A" && FolderParentID == "id-p") || (Name == "B" && FolderParentID == "id-p")`, "id-p")}, want: `{"A":"1","B":"2"}`},
		{name: "nested and several", program: "passbolt", request: r("", "p/s/A", "q/B", "C"), calls: []clitest.Call{version, verify,
			folders(`[{"id":"id-p","folder_parent_id":"","name":"p"},{"id":"id-q","folder_parent_id":"","name":"q"}]`, `Name == "p" || Name == "q"`),
			folders(sub, `Name == "s" && FolderParentID == "id-p"`),
			resources(`[{"name":"A","password":"1"},{"name":"B","password":"2"},{"name":"C","password":"3"}]`,
				`(Name == "A" && FolderParentID == "id-s") || (Name == "B" && FolderParentID == "id-q") || Name == "C"`, "id-p", "id-q", "id-s")}, want: `{"A":"1","B":"2","C":"3"}`},
		{name: "no folder", program: "passbolt", request: r("", "p/s/A", "x/B"), calls: []clitest.Call{version, verify, folders(top, `Name == "p" || Name == "x"`), folders("[]", `Name == "s" && FolderParentID == "id-p"`)},
			err: "Could not find the following folders in Passbolt: p/s, x"},
		{name: "level refused", program: "passbolt", request: r("", "p/s/A"), calls: []clitest.Call{version, verify, folders(top, `Name == "p"`), bad("list", "folders", "--filter", `Name == "s" && FolderParentID == "id-p"`, "--json")},
			err: "Could not find the following folders in Passbolt: p/s"},
		{name: "folders refused", program: "passbolt", request: r("", "p/A"), calls: []clitest.Call{version, verify, bad("list", "folders", "--filter", `Name == "p"`, "--json")}, err: "Could not read folders from Passbolt"},
		{name: "refused", program: "passbolt", request: r("", "A"), calls: []clitest.Call{version, verify, {Args: resources("", `Name == "A"`).Args, Status: 1}}, err: `Could not read ["A"] from Passbolt`},
		{name: "missing", program: "passbolt", request: r("", "A", "B", "C"), calls: []clitest.Call{version, verify, resources(`[{"name":"B","password":"2"}]`, `Name == "A" || Name == "B" || Name == "C"`)},
			err: "Could not find the following secrets in Passbolt: A, C"},
		{name: "nothing asked", program: "passbolt", request: r(""), calls: []clitest.Call{version, verify}, err: "No secrets given to fetch"},
		{name: "not verified", program: "passbolt", request: r("", "A"), calls: []clitest.Call{version, bad("verify")}, err: "Failed to login to Passbolt"},
	})
}
