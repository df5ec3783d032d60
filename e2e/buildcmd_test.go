package e2e

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/sshexec"
)

// The builder can be made, looked at and removed by itself.
func TestBuilderCommands(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	w.contains(w.must("build", "details", "-d", "lab"), "driver:   docker-container", "machine:  lab-3, Docker 20.10", "ours:     none", "not running")
	w.contains(w.must("build", "create", "-d", "lab"), "builder: hwdeploy-buildkit on lab-3 from moby/buildkit:buildx-stable-1", "BuildKit ", " answers on lab-3")
	w.contains(w.must("build", "details", "-d", "lab"), "ours:     hwdeploy-buildkit, moby/buildkit:buildx-stable-1, Up", "BuildKit: ")
	w.on("lab-3", "docker stop -t 0 hwdeploy-buildkit")
	w.contains(w.must("build", "create", "-d", "lab"), "answers on lab-3")
	w.contains(w.must("build", "remove", "-d", "lab"), "removed hwdeploy-buildkit on lab-3 with its cache")
	if left := w.on("lab-3", "docker ps -aq; docker volume ls -q"); left != "" {
		t.Errorf("left on lab-3: %s", left)
	}
	w.contains(w.must("build", "remove", "-d", "lab"), "there is no hwdeploy-buildkit on lab-3")
}

// An image can go into a file, a folder or this machine's engine; nothing is
// pushed then. build dev takes the tree as it is and lists what is not committed.
func TestAnImageCanGoElsewhere(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	v := w.revision()
	name := theLab.Registry.Addr + "/demo/shop:" + v
	w.must("build", "push", "-d", "lab", "--output", "docker,dest=tmp/image.tar")
	if tags := archiveTags(t, filepath.Join(w.dir, "tmp/image.tar")); !strings.Contains(tags, name) {
		t.Errorf("the archive holds %s", tags)
	}
	w.must("build", "push", "-d", "lab", "--output", "local,dest=tmp/files")
	if text := w.read("tmp/files/rails/REVISION"); strings.TrimSpace(text) != v {
		t.Errorf("REVISION holds %q", text)
	}
	w.env = append(w.env, "DOCKER_HOST=unix://"+w.engineOf("lab-2"))
	w.contains(w.must("build", "push", "-d", "lab", "--output", "docker"), "is in this machine's engine")
	w.on("lab-2", "docker image inspect "+name)

	w.write("app/message.txt", "not committed\n")
	w.write("app/new.txt", "new\n")
	w.contains(w.must("build", "dev", "-d", "lab", "--version", "x"), "not committed:  M app/message.txt", "not committed: ?? app/new.txt")
	if text := w.on("lab-2", "docker run --rm "+theLab.Registry.Addr+"/demo/shop:x-dirty cat app/message.txt"); text != "not committed" {
		t.Errorf("the image holds %q", text)
	}
	w.on("lab-2", "docker image inspect "+theLab.Registry.Addr+"/demo/shop:latest-lab-dirty")
	if images := w.images(); images != "" {
		t.Errorf("something was pushed:\n%s", images)
	}
	if o := w.hwdeploy("build", "push", "-d", "lab", "--output", "floppy"); o.code != 2 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
}

// archiveTags are the names in an archive for docker load.
func archiveTags(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Name != "manifest.json" {
			continue
		}
		var list []struct{ RepoTags []string }
		if err := json.NewDecoder(r).Decode(&list); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return strings.Join(list[0].RepoTags, " ")
	}
}

// engineOf gives a socket here that leads to a host's engine.
func (w *world) engineOf(name string) string {
	w.Helper()
	d := sshexec.New(sshexec.Options{ConfigFiles: []string{theLab.SSHConfig}, WholeConfig: true, User: "root"})
	c, err := d.Dial(w.Context(), name)
	if err != nil {
		w.Fatal(err)
	}
	path := filepath.Join(w.TempDir(), "docker.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := errors.Join(l.Close(), d.Close()); err != nil {
			w.Error(err)
		}
	})
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := c.DialDocker(w.Context())
			if err != nil {
				near.Close()
				return
			}
			go func() { io.Copy(far, near); far.(interface{ CloseWrite() error }).CloseWrite() }() //nolint:errcheck // the other side sees it
			go func() { io.Copy(near, far); near.Close() }()                                       //nolint:errcheck // likewise
		}
	}()
	return path
}

// Logins are left on hosts only by registry login, with the password on the
// input of docker's program, and taken back by registry logout.
func TestRegistryLogin(t *testing.T) {
	w := begin(t, oneHost())
	held := func() bool {
		return strings.Contains(w.on("lab-1", "cat .docker/config.json 2>/dev/null || true"), theLab.Registry.Addr)
	}
	w.must("build", "deliver", "-d", "lab")
	if held() {
		t.Error("a deploy left a login")
	}
	if o := w.must("registry", "login", "-d", "lab"); !held() || strings.Contains(o.out, theLab.Registry.Password) {
		t.Errorf("logged in: %t\n%s", held(), o.out)
	}
	if w.must("registry", "logout", "-d", "lab"); held() {
		t.Error("the login is still there")
	}
	w.must("registry", "login", "-d", "lab", "--skip-remote")
	if held() {
		t.Error("--skip-remote logged hosts in")
	}
}

// GHCR and Docker Hub want tokens: push from here, by a builder and by an
// engine, and the hosts' pull.
func TestARegistryThatWantsTokens(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	server := "registry: {server: \"" + theLab.Registry.TokenAddr() + "\"}\n"
	for _, overlay := range []string{
		"builder: {driver: docker-container, remote: ssh://root@lab-3}\nx-hwdeploy: {push: here}\n",
		"builder: {driver: docker-container, remote: ssh://root@lab-3}\nx-hwdeploy: {push: builder}\n",
		"builder: {driver: docker, remote: ssh://root@lab-3}\n",
	} {
		w.write("config/deploy.lab.yml", server+overlay)
		v := w.commit("another way")
		w.must("build", "deliver", "-d", "lab")
		w.on("lab-1", "docker image inspect "+theLab.Registry.TokenAddr()+"/demo/shop:"+v)
	}
	w.write("config/deploy.lab.yml", "registry: {server: \""+theLab.Registry.TokenAddr()+"\", password: wrong-one}\nbuilder: {driver: docker, remote: ssh://root@lab-3}\n")
	w.commit("wrong password")
	o := w.hwdeploy("build", "deliver", "-d", "lab")
	if o.code != 4 || strings.Contains(o.out, "wrong-one") {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, theLab.Registry.TokenAddr()+" refuses user lab", "check that the password or token is right")
}

// A registry with a certificate of a private authority is trusted by who knows
// it, and refused by who does not.
func TestARegistryWithAPrivateAuthority(t *testing.T) {
	o := withBuilder("")
	o.Overlay += "registry: {server: \"" + theLab.Registry.TLSAddr() + "\"}\nx-hwdeploy: {insecure_registry: false}\n"
	w := beginBuild(t, o)
	bad := w.hwdeploy("build", "deliver", "-d", "lab")
	if bad.code != 4 {
		t.Errorf("exit %d\n%s", bad.code, bad.out)
	}
	w.contains(bad, theLab.Registry.TLSAddr(), "certificate signed by unknown authority")
	ca, err := theLab.Registry.CA(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.write("tmp/ca.pem", string(ca))
	w.env = append(w.env, "SSL_CERT_FILE="+filepath.Join(w.dir, "tmp/ca.pem"))
	w.must("build", "deliver", "-d", "lab")
	w.on("lab-1", "docker image inspect "+theLab.Registry.TLSAddr()+"/demo/shop:"+w.revision())
}
