package e2e

import (
	"slices"
	"strings"
	"testing"
)

// The scenarios in observed*_test.go compare hosts with a recording of Kamal
// 2.12.0 (testdata/observed): the same configurations, deployed by hwdeploy to
// the same kind of hosts (Debian, Docker 20.10.24, kamal-proxy v0.9.2), must
// leave the same containers, images, files, audit lines and proxy services.
//
// What differs on purpose, and nothing else:
//   - hosts hold no registry login (.docker/): images are pulled with the login
//     in the request;
//   - a certificate's files are closed to all but the proxy;
//   - .kamal/hwdeploy/ is hwdeploy's own: the guard and its journal;
//   - two marks of `docker create`, see inspect.
const deliberate = `(^| )\.docker(/|$)|/tls/[a-z]+/(cert|key)\.pem$`

// After five deploys of a small service without destination, one of them to a
// single host, the hosts look as Kamal left them: labels, names, retained
// containers and images, assets, env files, audit lines, proxy.
//
// proves: deploy, deploy --skip-push, deploy --version, deploy --hosts
func TestObservedPlain(t *testing.T) {
	w := beginObserved(t, map[string]string{
		// The delay leaves nothing on a host; the recording had Kamal's 7 s.
		"config/deploy.yml": toLab(observedFile(t, "plain/config/deploy.yml")) + "\nreadiness_delay: 1\n" + insecure,
		".kamal/secrets":    "KAMAL_REGISTRY_PASSWORD=" + theLab.Registry.Password + "\nSECRET_KEY_BASE=0123456789abcdef\n",
	}, "lab", "lab@example.com")
	watch := w.watch()
	for _, version := range []string{"r6", "r7", "r8", "r9", "r10"} {
		pushObserved(t, "demo/app", "app", version)
		args := []string{"deploy", "--skip-push", "--version", version}
		if version == "r9" {
			args = append(args, "--hosts", theLab.Hosts[0].IP)
		}
		w.must(args...)
	}
	state, details := recordedState(t, "plain-1-deployed"), recordedInspect(t, "plain-1-deployed")
	for _, e := range watch {
		want := state[e.name()].without(deliberate)
		audit := want["audit .kamal/app-audit.log"]
		want["audit .kamal/app-audit.log"] = audit[slices.IndexFunc(audit, func(l string) bool { return strings.HasSuffix(l, "version r6") }):]
		sameSnapshot(w, e.name(), want, e.look())
		w.sameInspect(e, details)
	}
}

// watch opens eyes on all hosts.
func (w *world) watch() (out []*eyes) {
	w.Helper()
	for _, h := range theLab.Hosts {
		out = append(out, w.eyesOn(h))
	}
	return out
}

// sameInspect compares a host's containers and its network with the recorded
// ones of that host.
func (w *world) sameInspect(e *eyes, recorded map[string][]string) {
	w.Helper()
	for key, want := range recorded {
		host, container, _ := strings.Cut(key, " ")
		switch host {
		case "network":
			sameLines(w.T, e.name()+": "+key, want, e.network(container))
		case e.name():
			sameLines(w.T, key, want, e.inspect(container))
		}
	}
}
