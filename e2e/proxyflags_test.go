package e2e

import (
	"strings"
	"testing"
	"time"
)

// The proxy's log by its flags, and the older files by theirs.
//
// proves: proxy logs --since --lines --grep --follow --skip-timestamps
// proves: proxy boot_config --publish --publish-host-ip --http-port --https-port --log-max-size --registry --repository
// proves: proxy boot_config --image-version --metrics-port --debug --docker-options
func TestProxyFlags(t *testing.T) {
	w := begin(t, twoHosts())
	w.must("proxy", "boot", "-d", "lab")
	one := []string{"-d", "lab", "--hosts", "lab-1"}
	logs := func(flags ...string) string {
		return w.must(append(append([]string{"proxy", "logs"}, one...), flags...)...).out
	}
	all := strings.Count(logs("--since", "1h"), "\n")
	if n := strings.Count(logs("-n", "1", "-T"), "\n"); all < 3 || n != 3 { // header, line, blank
		t.Errorf("%d lines of %d", n, all)
	}
	if plain, timed := logs("-n", "1", "-T"), logs("-n", "1"); !strings.Contains(plain, "\n{") || strings.Contains(timed, "\n{") {
		t.Errorf("time stamps:\n%s%s", plain, timed)
	}
	p := w.start(append([]string{"proxy", "logs", "-f", "--since", "1h", "-g", "GET"}, one...)...)
	w.eventually(time.Minute, "a request in the log", func() bool {
		w.serves("lab-1")
		return strings.Contains(p.out.String(), "GET")
	})
	if o := p.interrupt(); o.code != 130 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}

	set := func(flags ...string) string {
		t.Helper()
		w.must(append(append([]string{"proxy", "boot_config", "set"}, one...), flags...)...)
		return w.on("lab-1", "cd .kamal/proxy; for f in options image image_version run_command; do echo \"$f: $(cat $f 2>/dev/null)\"; done")
	}
	got := set("--publish-host-ip", "127.0.0.1", "--http-port", "8081", "--https-port", "8444", "--log-max-size", "5m", "--registry", "registry.example.test",
		"--repository", "acme", "--image-version", "v0.9.9", "--metrics-port", "9100", "--debug", "--docker-options", "label=a=b")
	want := "options: --publish 127.0.0.1:8081:80 --publish 127.0.0.1:8444:443 --log-opt max-size=5m --expose=9100 --label=a=b\n" +
		"image: registry.example.test/acme/kamal-proxy\nimage_version: v0.9.9\nrun_command: kamal-proxy run --debug --metrics-port \"9100\""
	if got != want {
		t.Errorf("the files:\n%s\nwanted:\n%s", got, want)
	}
	if got := set("--publish=false"); !strings.HasPrefix(got, "options: --log-opt max-size=10m\nimage: \nimage_version: \nrun_command:") {
		t.Errorf("without ports: %s", got)
	}
}
