package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// The builder can be made, looked at and removed by itself.
//
// proves: build create, build details, build remove
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

// Logins are left on hosts only by registry login, with the password on the
// input of docker's program, and taken back by registry logout.
//
// proves: build pull, registry login, registry login --skip-remote, registry login --skip-local, registry logout
// proves: registry logout --skip-local, registry logout --skip-remote, registry setup --skip-remote, registry remove --skip-remote
func TestRegistryLogin(t *testing.T) {
	w := begin(t, oneHost())
	held := func() bool {
		return strings.Contains(w.on("lab-1", "cat .docker/config.json 2>/dev/null || true"), theLab.Registry.Addr)
	}
	w.must("build", "push", "-d", "lab")
	w.must("build", "pull", "-d", "lab")
	w.on("lab-1", "docker image inspect "+theLab.Registry.Addr+"/demo/shop:"+w.revision())
	if held() {
		t.Error("a pull left a login")
	}
	if o := w.must("registry", "login", "-d", "lab"); !held() || strings.Contains(o.out, theLab.Registry.Password) {
		t.Errorf("logged in: %t\n%s", held(), o.out)
	}
	if w.must("registry", "logout", "-d", "lab"); held() {
		t.Error("the login is still there")
	}
	w.must("registry", "login", "-d", "lab", "--skip-remote")
	w.must("registry", "setup", "-d", "lab", "--skip-remote")
	if held() {
		t.Error("--skip-remote logged hosts in")
	}
	w.must("registry", "login", "-d", "lab", "--skip-local")
	w.must("registry", "logout", "-d", "lab", "--skip-remote")
	w.must("registry", "remove", "-d", "lab", "--skip-remote")
	if !held() {
		t.Error("--skip-remote logged hosts out")
	}
	if w.must("registry", "logout", "-d", "lab", "--skip-local"); held() {
		t.Error("the login is still there")
	}
}

// GHCR and Docker Hub want tokens: push from here, by a builder and by an
// engine, and the hosts' pull.
//
// proves: build deliver
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
