//go:build engine

package lab

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/warmlyyours/hwdeploy/lab/db"
	"github.com/warmlyyours/hwdeploy/lab/load"
	"github.com/warmlyyours/hwdeploy/lab/registryd"
)

// TestLab brings a lab of its own up, tries everything on it and takes it down.
func TestLab(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	o := Options{Name: "labtest", Hosts: 2, Fresh: true, SSHD: map[string]string{"lab-2": "MaxSessions 2"}, Log: func(s string) { t.Log(s) }}
	l, err := Up(ctx, o)
	t.Cleanup(func() {
		if err := Down(context.Background(), o); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, sub := range []struct {
		name string
		f    func(*testing.T, *Lab)
	}{
		{"join", join}, {"ssh", logins}, {"sshd settings", sshdSettings}, {"registry", registry}, {"app", serveApp}, {"worker", worker},
		{"faults", faults}, {"relays", relays}, {"collect", collect}, {"reset", reset}, {"boot id", reboot},
	} {
		if !t.Run(sub.name, func(t *testing.T) { sub.f(t, l) }) {
			return
		}
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sh runs a line on a host and gives what it printed, without the end of line.
func sh(t *testing.T, h *Host, line string) string {
	t.Helper()
	out, err := h.Exec(t.Context(), line)
	ok(t, err)
	return strings.TrimSpace(out)
}

func join(t *testing.T, l *Lab) {
	before := sh(t, l.Host("lab-1"), "touch /root/kept; cat /proc/sys/kernel/random/boot_id")
	start := time.Now()
	again, err := Up(t.Context(), Options{Name: l.Name, Hosts: 2, SSHD: map[string]string{"lab-2": "MaxSessions 2"}})
	ok(t, err)
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("joining took %s", d)
	}
	is(t, "boot id", sh(t, again.Host("lab-1"), "ls kept > /dev/null && cat /proc/sys/kernel/random/boot_id"), before)
	is(t, "password", again.Registry.Password, l.Registry.Password)
}

// dialSSH logs in with the lab's key and checks the host key against known_hosts.
func dialSSH(t *testing.T, l *Lab, user, addr, known string) (*ssh.Client, error) {
	t.Helper()
	pem, err := os.ReadFile(l.Key)
	ok(t, err)
	key, err := ssh.ParsePrivateKey(pem)
	ok(t, err)
	check, err := knownhosts.New(known)
	ok(t, err)
	conn, err := net.DialTimeout("tcp", addr, 2*time.Second)
	if err != nil {
		return nil, err
	}
	ok(t, conn.SetDeadline(time.Now().Add(2*time.Second))) // a frozen host accepts and says nothing
	c, channels, requests, err := ssh.NewClientConn(conn, addr, &ssh.ClientConfig{User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyCallback: check})
	if err != nil {
		conn.Close()
		return nil, err
	}
	ok(t, conn.SetDeadline(time.Time{}))
	return ssh.NewClient(c, channels, requests), nil
}

func logins(t *testing.T, l *Lab) {
	for _, user := range []string{"root", "deploy"} {
		c, err := dialSSH(t, l, user, l.Host("lab-1").IP+":22", l.KnownHosts)
		ok(t, err)
		defer c.Close()
		s, err := c.NewSession()
		ok(t, err)
		out, err := s.CombinedOutput("whoami; docker info --format '{{.Driver}} {{.Name}}'")
		ok(t, err)
		is(t, user, string(out), user+"\noverlay2 lab-1\n")
		sock, err := c.Dial("unix", "/var/run/docker.sock")
		ok(t, err)
		sock.Close()
	}
}

func sshdSettings(t *testing.T, l *Lab) {
	c, err := dialSSH(t, l, "root", l.Host("lab-2").IP+":22", l.KnownHosts)
	ok(t, err)
	defer c.Close()
	for range 2 {
		_, err := c.NewSession()
		ok(t, err)
	}
	if _, err := c.NewSession(); err == nil {
		t.Error("MaxSessions 2 let a third in")
	}
	ok(t, l.Host("lab-1").SetSSHD(t.Context(), "AllowTcpForwarding no"))
	d, err := dialSSH(t, l, "root", l.Host("lab-1").IP+":22", l.KnownHosts)
	ok(t, err)
	defer d.Close()
	if s, err := d.Dial("unix", "/var/run/docker.sock"); err == nil {
		s.Close()
		t.Error("AllowTcpForwarding no, but the socket was forwarded")
	}
	if err := l.Host("lab-1").SetSSHD(t.Context(), "NoSuchWord yes"); err == nil {
		t.Error("a bad setting was taken")
	}
	ok(t, l.Host("lab-1").SetSSHD(t.Context(), ""))
}

func registry(t *testing.T, l *Lab) {
	ctx, r := t.Context(), l.Registry
	digest, err := l.PushApp(ctx, "demo/shop:v1", AppImage{Version: "v1", Service: "shop"})
	ok(t, err)
	got, err := r.Digest(ctx, "demo/shop:v1")
	ok(t, err)
	is(t, "digest", got, digest)
	ref, err := r.ref("demo/shop:v1")
	ok(t, err)
	if _, err := remote.Head(ref, remote.WithAuth(&authn.Basic{Username: "lab", Password: "wrong"})); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("wrong password: %v", err)
	}
	ok(t, r.SetFaults(ctx, registryd.Faults{RefusePush: http.StatusForbidden}))
	if _, err := l.PushApp(ctx, "demo/shop:v9", AppImage{Version: "v9"}); err == nil {
		t.Error("a push was taken")
	}
	ok(t, r.SetFaults(ctx, registryd.Faults{}))
	for _, h := range l.Hosts {
		_, err := h.ExecIn(ctx, strings.NewReader(r.Password), "root", "docker login -u "+r.Username+" --password-stdin "+r.Addr)
		ok(t, err)
		sh(t, h, "docker pull -q "+r.Addr+"/demo/shop:v1 && docker pull -q "+r.Addr+"/"+ProxyImage)
	}
	log, err := r.Requests(ctx)
	ok(t, err)
	if n := len(log); n < 10 {
		t.Errorf("%d requests logged", n)
	}
}

const runProxy = `docker network create kamal; docker run -d --name kamal-proxy --network kamal --restart unless-stopped -v kamal-proxy-config:/home/kamal-proxy/.config/kamal-proxy -p 80:80 -p 443:443 ` + ProxyImage

func serveApp(t *testing.T, l *Lab) {
	ctx, h := t.Context(), l.Host("lab-1")
	image := l.Registry.Addr + "/demo/shop:v1"
	sh(t, h, runProxy)
	id := sh(t, h, "docker run -d --name web --hostname lab-1-web --network kamal --restart unless-stopped -e DB_URL="+l.DB.URL+" "+image)
	sh(t, h, "docker exec kamal-proxy kamal-proxy deploy shop --target="+id[:12]+":80 --health-check-path=/up --health-check-interval=1s")
	a, err := h.HTTP(ctx, "shop.test", "/version")
	ok(t, err)
	is(t, "answer", a.Body+a.Header.Get("X-Container"), "v1\nlab-1-web")
	r, err := load.Do(ctx, load.Options{URL: "http://" + h.IP + "/", Rate: 100, Count: 50})
	ok(t, err)
	if r.Failed != 0 || r.Versions["v1"] != 50 {
		t.Error(r)
	}
	one, err := h.Fingerprint(ctx)
	ok(t, err)
	two, err := h.Fingerprint(ctx)
	ok(t, err)
	is(t, "fingerprint", two, one)
	for _, change := range []string{"docker stop web", "mkdir -p .kamal/x", "docker tag " + image + " x:y", "docker exec kamal-proxy kamal-proxy remove shop"} {
		sh(t, h, change)
		if two, err = h.Fingerprint(ctx); err != nil || two == one {
			t.Errorf("%s: not seen, %v", change, err)
		}
		one = two
	}
	running, err := h.Running(ctx)
	ok(t, err)
	is(t, "running", strings.Join(running, " "), "kamal-proxy")
}

func worker(t *testing.T, l *Lab) {
	ctx, h := t.Context(), l.Host("lab-2")
	image := l.Registry.Addr + "/demo/shop:v1"
	sh(t, h, "docker network create kamal; docker run -d --name sk --hostname lab-2-sk --network kamal --restart unless-stopped -e DB_URL="+l.DB.URL+" "+image+" bundle exec sidekiq -C config/sidekiq.yml")
	see := func(what string, f func(db.Snapshot) bool) {
		t.Helper()
		var s db.Snapshot
		ok(t, poll(ctx, 10*time.Second, 50*time.Millisecond, what, func(ctx context.Context) (err error) {
			if s, err = l.DB.Snapshot(ctx); err == nil && !f(s) {
				err = context.DeadlineExceeded
			}
			return err
		}))
	}
	_, err := l.DB.Enqueue(ctx, 10*time.Millisecond)
	ok(t, err)
	see("a job is done", func(s db.Snapshot) bool { return len(s.Fetching()) == 1 && s.Jobs[0].State == "done" })
	sh(t, h, "docker exec sk kill -TSTP 1")
	see("quiet", func(s db.Snapshot) bool { return len(s.Fetching()) == 0 && s.Workers[0].State == "quiet" })
	sh(t, h, "docker exec sk kill -TERM 1")
	see("another life fetches", func(s db.Snapshot) bool {
		f := s.Fetching()
		return len(s.Workers) == 2 && len(f) == 1 && f[0].Host == "lab-2-sk" && f[0].Start != "" && s.Workers[0].Start != s.Workers[1].Start
	})
	migrate := "docker run --rm --network kamal -e DB_URL=" + l.DB.URL + " " + image + " bin/rails db:migrate"
	sh(t, h, migrate)
	ok(t, l.DB.SetFaults(ctx, db.Faults{MigrateFail: true}))
	if _, err := h.Exec(ctx, migrate); err == nil {
		t.Error("a migration that is to fail succeeded")
	}
	s, err := l.DB.Snapshot(ctx)
	ok(t, err)
	if m := s.Migrations; len(m) != 2 || m[0].Error != "" || m[1].Error == "" || m[0].Version != "v1" {
		t.Errorf("migrations %+v", m)
	}
}

func faults(t *testing.T, l *Lab) {
	ctx, h := t.Context(), l.Host("lab-2")
	addr := h.IP + ":22"
	answers := func() bool {
		c, err := dialSSH(t, l, "root", addr, l.KnownHosts)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	for _, f := range []struct {
		name      string
		off, back func(context.Context) error
	}{{"freeze", h.Freeze, h.Unfreeze}, {"kill", h.Kill, h.Start}, {"unplug", h.Unplug, h.Plug}} {
		ok(t, f.off(ctx))
		if answers() {
			t.Errorf("%s: it still answers", f.name)
		}
		ok(t, f.back(ctx))
		if !answers() {
			t.Errorf("after %s it does not come back", f.name)
		}
	}
}

func relays(t *testing.T, l *Lab) {
	r, err := l.Relays(t.Context(), t.TempDir())
	ok(t, err)
	defer r.Close()
	r.SetLatency(20 * time.Millisecond)
	c, err := dialSSH(t, l, "root", r.ByHost["lab-2"].Addr(), r.KnownHosts)
	ok(t, err)
	defer c.Close()
	if n := r.Stats().RoundTrips; n < 5 || n > 12 {
		t.Errorf("a login takes %d round trips", n)
	}
	r.Reset()
	sock, err := c.Dial("unix", "/var/run/docker.sock")
	ok(t, err)
	sock.Close()
	if s := r.Stats(); s.RoundTrips != 1 || s.Connections != 0 {
		t.Errorf("opening a channel: %+v", s)
	}
}

func collect(t *testing.T, l *Lab) {
	dir := t.TempDir()
	ok(t, l.Collect(t.Context(), dir))
	for name, want := range map[string]string{"lab-1.txt": "kamal-proxy", "lab-2.txt": "sidekiq v1: fetching", "database.json": `"kind": "migrate"`, "registry.json": "/v2/demo/shop/"} {
		if !strings.Contains(read(t, dir, name), want) {
			t.Errorf("%s: no %q in\n%s", name, want, read(t, dir, name))
		}
	}
}

func reset(t *testing.T, l *Lab) {
	ctx := t.Context()
	ok(t, l.Host("lab-1").Freeze(ctx))
	c, err := dialSSH(t, l, "deploy", l.Host("lab-2").IP+":22", l.KnownHosts)
	ok(t, err)
	defer c.Close()
	s, err := c.NewSession()
	ok(t, err)
	ok(t, s.Start("setsid sleep 1000 & sleep 1000"))
	start := time.Now()
	ok(t, l.Reset(ctx))
	t.Logf("reset took %s", time.Since(start))
	for _, h := range l.Hosts {
		is(t, h.Name+" containers, volumes, networks, files, processes", sh(t, h, "docker ps -aq; docker volume ls -q; docker network ls -q --filter type=custom; ls -A .kamal .docker 2>/dev/null; pgrep -x sleep || :"), "")
		is(t, h.Name+" images", sh(t, h, "docker images --format '{{.Repository}}:{{.Tag}}'"), ProxyImage)
	}
	tags, err := l.Registry.Tags(ctx, "demo/shop")
	if err == nil {
		t.Errorf("the registry still has %v", tags)
	}
	digest, err := l.Registry.Digest(ctx, ProxyImage)
	if err != nil || digest == "" {
		t.Errorf("the proxy's image: %q, %v", digest, err)
	}
}

func reboot(t *testing.T, l *Lab) {
	h := l.Host("lab-1")
	before := sh(t, h, "cat /proc/sys/kernel/random/boot_id")
	ok(t, h.Reboot(t.Context()))
	if after := sh(t, h, "cat /proc/sys/kernel/random/boot_id"); after == before || len(after) != 36 {
		t.Errorf("boot id %s after %s", after, before)
	}
	if _, err := os.Stat(filepath.Join(l.Dir, "ssh_config")); err != nil {
		t.Error(err)
	}
}
