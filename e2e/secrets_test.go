package e2e

import (
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

// argvWatch reads the command lines of all processes here, those of the lab's
// hosts among them, again and again, and keeps those that hold a text.
type argvWatch struct {
	texts []string
	mu    sync.Mutex
	found map[string][]string // text → command lines
	stop  func()
}

func watchArgv(w *world, texts ...string) *argvWatch {
	a := &argvWatch{texts: texts, found: map[string][]string{}}
	done, ended := make(chan struct{}), make(chan struct{})
	a.stop = sync.OnceFunc(func() { close(done); <-ended })
	w.Cleanup(a.stop)
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
				a.look()
			}
		}
	}()
	return a
}

func (a *argvWatch) look() {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		line := strings.ReplaceAll(string(b), "\x00", " ")
		for _, t := range a.texts {
			if strings.Contains(line, t) {
				a.mu.Lock()
				if !slices.Contains(a.found[t], line) {
					a.found[t] = append(a.found[t], line)
				}
				a.mu.Unlock()
			}
		}
	}
}

// saw gives the command lines in which a text was seen.
func (a *argvWatch) saw(text string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.found[text], "\n")
}

// canaries are a secret of each kind, by what it is for.
func canaries() map[string]string {
	return map[string]string{
		"env":         "canary-env-5$a'b",
		"1Password":   "canary-op-77d1",
		"build":       "canary-build-90c2",
		"hook":        "canary-hook-1f3e",
		"source maps": "lab-canary-maps-4b5a",
		"Cloudflare":  edgeToken,
		"bucket":      theLab.S3.Account.Secret,
		"registry":    theLab.Registry.Password,
		"login":       base64.StdEncoding.EncodeToString([]byte(theLab.Registry.Username + ":" + theLab.Registry.Password)),
		"account":     "ops_canary-token-8e2b",
	}
}

// withEverySecret is a project that uses a secret of each kind.
func withEverySecret(t *testing.T) *world {
	t.Helper()
	c := canaries()
	s, err := cloudflare.Start(edgeToken)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) //nolint:errcheck // the test is over
	o := extended("  sourcemaps: {cmd: bin/upload-sourcemaps, env: {DELETE_MAPS: \"true\"}, secrets: [APPSIGNAL_PUSH_API_KEY]}\n" +
		"  assets: {paths: [/rails/public/packs], bucket: " + theBucket + ", endpoint: \"" + theLab.S3.Endpoint + "\", prefix: packs, access_key: R2_KEY, secret_key: R2_SECRET}\n" +
		"  edge: {token: CLOUDFLARE_API_TOKEN, zone: " + cloudflare.Zone + ", purge: everything}\n")
	o.Env = map[string]string{"APPSIGNAL_URL": theLab.AppSignal, "ASSET_HOSTS": "https://cdn.example.test"}
	o.Secrets = map[string]string{"APP_KEY": "x", "OP_KEY": "x"} // their values stand in the file below
	o.Overlay = "builder: {secrets: [BUILD_KEY]}\n"
	o.Hooks = map[string]string{"pre-deploy": "#!/bin/sh\necho \"the hook has $HOOK_KEY and $APP_KEY\"; echo \"and $OP_KEY\" >&2\n"}
	w := begin(t, o)
	docker, err := os.ReadFile(filepath.Join(w.dir, "Dockerfile"))
	if err == nil {
		err = w.project.Write("Dockerfile", string(docker)+"RUN --mount=type=secret,id=BUILD_KEY cat /run/secrets/BUILD_KEY\n")
	}
	if err == nil {
		err = w.project.Write(".kamal/secrets.lab", "KAMAL_REGISTRY_PASSWORD="+c["registry"]+"\nAPP_KEY=\""+strings.ReplaceAll(c["env"], "$", "\\$")+"\"\nOP_KEY=op://Lab/shop/key\n"+
			"BUILD_KEY="+c["build"]+"\nHOOK_KEY="+c["hook"]+"\nAPPSIGNAL_PUSH_API_KEY="+c["source maps"]+"\nR2_KEY="+theLab.S3.Account.Key+
			"\nR2_SECRET="+c["bucket"]+"\nCLOUDFLARE_API_TOKEN="+c["Cloudflare"]+"\n")
	}
	if err == nil {
		err = theLab.S3.MakeBucket(t.Context(), theBucket)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err == nil {
		err = os.WriteFile(ca, s.CA, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "CLOUDFLARE_BASE_URL="+s.URL, "SSL_CERT_FILE="+ca)
	w.opProgram(map[string]string{"op://Lab/shop/key": c["1Password"]})
	w.commit("a secret of each kind")
	return w
}

// No secret is in a command line, here or on the hosts, nor in what a deploy
// says as data or in words, in its transcript, in the hosts' files and logs; the
// containers have them nevertheless.
func TestNoSecretIsInAnyCommandLineOrLog(t *testing.T) {
	w := withEverySecret(t)
	c := canaries()
	const control = "seen-if-anything-is"
	var texts []string
	for _, text := range c {
		texts = append(texts, text)
	}
	argv := watchArgv(w, append(texts, control)...)
	said := w.must("lab", "-y", "--output", "json").out
	said += w.must("app", "exec", "--primary", "-d", "lab", "echo "+control).out
	w.commit("second")
	said += w.must("lab", "-y", "-v").out
	said += w.must("app", "logs", "-d", "lab").out
	w.env = append(w.env, "OP_SERVICE_ACCOUNT_TOKEN="+c["account"])
	refused := w.hwdeploy("lab", "-y")
	if refused.code == 0 || !strings.Contains(refused.out, "service account") {
		t.Errorf("1Password's core took the token: exit %d\n%s", refused.code, refused.out)
	}
	said += refused.out
	argv.stop()

	if seen := argv.saw(control); !strings.Contains(seen, "app exec") || !strings.Contains(seen, "docker run") {
		t.Fatalf("command lines are not seen on both ends: %s", seen)
	}
	if !strings.Contains(said, "the hook has *") {
		t.Errorf("the hook's words are not in the output:\n%s", said)
	}
	kept := transcripts(w)
	for kind, text := range c {
		if seen := argv.saw(text); seen != "" {
			t.Errorf("%s: in a command line: %s", kind, seen)
		}
		for where, all := range map[string]string{"the output": said, "a transcript": kept} {
			if at := strings.Index(all, text); at >= 0 {
				t.Errorf("%s: in %s: …%s…", kind, where, all[max(0, at-200):min(len(all), at+200)])
			}
		}
		for _, h := range theLab.Hosts[:2] {
			if files := w.on(h.Name, "grep -rlsF -e '"+strings.ReplaceAll(text, "'", `'\''`)+"' .kamal /var/log /tmp | grep -v '/env/roles/'; true"); files != "" {
				t.Errorf("%s: on %s in %s", kind, h.Name, files)
			}
			if logs := w.on(h.Name, "for c in $(docker ps -aq); do docker logs $c 2>&1; done"); strings.Contains(logs, text) {
				t.Errorf("%s: in the log of a container on %s", kind, h.Name)
			}
		}
	}
	a, err := theLab.Host("lab-1").HTTP(t.Context(), "", "/env")
	if err != nil || !strings.Contains(a.Body, "APP_KEY="+c["env"]+"\n") || !strings.Contains(a.Body, "OP_KEY="+c["1Password"]+"\n") {
		t.Errorf("the container's environment: %v", err)
	}
}

// transcripts are all that runs have kept.
func transcripts(w *world) string {
	w.Helper()
	home := ""
	for _, kv := range w.env {
		if v, ok := strings.CutPrefix(kv, "HOME="); ok {
			home = v
		}
	}
	all := ""
	err := filepath.WalkDir(filepath.Join(home, ".local/state"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all += string(text)
		return err
	})
	if err != nil || all == "" {
		w.Fatalf("transcripts: %v, %d bytes", err, len(all))
	}
	return all
}
