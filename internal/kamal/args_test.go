package kamal

import (
	"strings"
	"testing"
)

func textList(items ...string) Value {
	v := Value{Kind: ListValue}
	for _, i := range items {
		v.List = append(v.List, Text(i))
	}
	return v
}

func TestArgumentizeAndOptionize(t *testing.T) {
	nested := Value{Kind: MapValue, Pairs: []Pair{{"k", Text("v")}}}
	for _, c := range []struct {
		value              Value
		arg, option, equal string
	}{
		{Text("b c"), `--x a="b c"`, `--a "b c"`, `--a="b c"`},
		{Text(""), `--x a`, `--a `, `--a=`},
		{Text("  "), `--x a`, `--a "  "`, `--a="  "`},
		{Value{Kind: NullValue}, `--x a`, `--a `, `--a=`},
		{Value{Kind: FalseValue}, `--x a=false`, `--a "false"`, `--a="false"`},
		{Value{Kind: TrueValue}, `--x a="true"`, `--a`, `--a`},
		{Value{Kind: NumberValue, Text: "0"}, `--x a="0"`, `--a "0"`, `--a="0"`},
		{textList("p", "q"), `--x a="[\"p\", \"q\"]"`, `--a "p" --a "q"`, `--a="p" --a="q"`},
		{textList(), `--x a`, ``, ``},
		{nested, `--x a="{\"k\" => \"v\"}"`, `--a "[\"k\", \"v\"]"`, `--a="[\"k\", \"v\"]"`},
	} {
		pairs := []Pair{{"a", c.value}}
		is(t, c.arg, strings.Join(Argumentize("--x", pairs), " "))
		is(t, c.option, strings.Join(Optionize(pairs, " "), " "))
		is(t, c.equal, strings.Join(Optionize(pairs, "="), " "))
	}
}

func is(t *testing.T, want, got string) {
	t.Helper()
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestNames(t *testing.T) {
	app := App{"shop", "stage"}
	role := app.Role("web")
	for got, want := range map[string]string{
		app.AppDir():                         ".kamal/apps/shop-stage",
		App{"shop", ""}.AppDir():             ".kamal/apps/shop",
		app.ProxyAppDir():                    ".kamal/proxy/apps-config/shop-stage",
		app.LockDir():                        ".kamal/lock-shop-stage",
		app.AuditLog():                       ".kamal/shop-stage-audit.log",
		app.GuardDir():                       ".kamal/hwdeploy/shop-stage",
		app.EnvPath("web"):                   ".kamal/apps/shop-stage/env/roles/web.env",
		app.AccessoryEnvPath("db"):           ".kamal/apps/shop-stage/env/accessories/db.env",
		app.AssetExtracted("web", "v1"):      ".kamal/apps/shop-stage/assets/extracted/web-v1",
		app.AssetVolume("web", "v1"):         ".kamal/apps/shop-stage/assets/volumes/web-v1",
		app.ErrorPages("v1"):                 ".kamal/proxy/apps-config/shop-stage/error_pages/v1",
		app.TLSDir("web"):                    ".kamal/proxy/apps-config/shop-stage/tls/web",
		app.LatestTag():                      "latest-stage",
		App{"shop", ""}.LatestTag():          "latest",
		role.Prefix():                        "shop-web-stage",
		role.Container("v1"):                 "shop-web-stage-v1",
		role.Exec("v1", "abc123"):            "shop-web-stage-exec-v1-abc123",
		role.Assets():                        "shop-web-stage-assets",
		role.Version("shop-web-stage-v1"):    "v1",
		Replaced("v1", "0123456789abcdef"):   "v1_replaced_0123456789abcdef",
		Hostname("web1.example", "abc"):      "web1.example-abc",
		ShortVersion("0123456789ab"):         "0123456",
		ShortVersion("01234567_uncommitted"): "01234567_uncommitted",
	} {
		is(t, want, got)
	}
	is(t, strings.Repeat("a", 50)+"-x", Hostname(strings.Repeat("a", 50)+".example", "x"))
	is(t, strings.Repeat("ä", 51)+"-x", Hostname(strings.Repeat("ä", 60), "x"))
}
