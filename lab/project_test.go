package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/warmlyyours/hwdeploy/lab/db"
)

// paper is a lab that exists on paper only: two hosts, no containers.
func paper(t *testing.T) *Lab {
	t.Helper()
	l := &Lab{Name: "paper", Subnet: "172.28.9.0/24", Dir: t.TempDir()}
	l.Registry = &Registry{Addr: l.ip(registryOctet) + ":5000", Username: "lab", Password: "pass"}
	l.DB = &db.Client{URL: "http://" + l.ip(dbOctet)}
	l.Hosts = []*Host{l.newHost(1), l.newHost(2)}
	for _, h := range l.Hosts {
		h.HostKeys = []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJM94alR5zlz9cRg6UR+Z842ag47jJo/jn2LHPXiNlji"}
	}
	l.RootfsTar = filepath.Join(l.Dir, "rootfs.tar")
	if err := os.WriteFile(l.RootfsTar, []byte("tar"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := l.makeKey(); err != nil {
		t.Fatal(err)
	}
	if err := l.writeSSHFiles(); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWriteProject(t *testing.T) {
	l, dir := paper(t), filepath.Join(t.TempDir(), "shop")
	_, err := WriteProject(t.Context(), dir, l, ProjectOptions{Secrets: map[string]string{"RAILS_MASTER_KEY": "k3y"}, Message: "Hi", Hooks: map[string]string{"pre-deploy": "#!/bin/sh\n"}})
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Service, Image string
		Servers        map[string]struct {
			Hosts []string
			Cmd   string
		}
		Registry struct {
			Server, Username string
			Password         []string
		}
		Env struct {
			Clear  map[string]string
			Secret []string
		}
		SSH       struct{ Config []string }
		Builder   struct{ Remote string }
		Extension map[string]any `yaml:"x-hwdeploy"`
	}
	if err := yaml.Unmarshal([]byte(read(t, dir, "config/deploy.yml")), &c); err != nil {
		t.Fatalf("%v in\n%s", err, read(t, dir, "config/deploy.yml"))
	}
	is(t, "image", c.Image, "demo/shop")
	is(t, "web", strings.Join(c.Servers["web"].Hosts, " "), "lab-1 lab-2")
	is(t, "sidekiq", strings.Join(c.Servers["sidekiq"].Hosts, " ")+" "+c.Servers["sidekiq"].Cmd, "lab-2 bundle exec sidekiq")
	is(t, "registry", c.Registry.Server, "172.28.9.5:5000")
	is(t, "database", c.Env.Clear["DB_URL"], "http://172.28.9.6")
	is(t, "secret names", strings.Join(c.Env.Secret, " "), "RAILS_MASTER_KEY")
	is(t, "ssh config", strings.Join(c.SSH.Config, " "), l.SSHConfig)
	is(t, "builder", c.Builder.Remote, "ssh://root@lab-1")
	for _, key := range []string{"known_hosts", "insecure_registry", "migrate", "quiet"} {
		if c.Extension[key] == nil {
			t.Errorf("no %s in x-hwdeploy: %v", key, c.Extension)
		}
	}
	is(t, "known_hosts", read(t, dir, "config/known_hosts"), read(t, l.Dir, "known_hosts"))
	is(t, "message", read(t, dir, "app/message.txt"), "Hi\n")
	for _, name := range []string{".kamal/secrets", ".kamal/secrets.lab"} {
		is(t, name, read(t, dir, name), "APPSIGNAL_PUSH_API_KEY=lab-push-key\nKAMAL_REGISTRY_PASSWORD=pass\nRAILS_MASTER_KEY=k3y\n")
	}
	if st, err := os.Stat(filepath.Join(dir, ".kamal/hooks/pre-deploy")); err != nil || st.Mode().Perm() != 0o755 {
		t.Errorf("hook: %v, %v", st, err)
	}
}

func TestProjectIsCleanAndPushed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	p, err := WriteProject(t.Context(), dir, paper(t), ProjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := p.Revision(t.Context())
	if err != nil || len(first) != 40 {
		t.Fatalf("revision %q, %v", first, err)
	}
	is(t, "status", git(t, dir, "status", "--porcelain"), "")
	is(t, "upstream", git(t, dir, "rev-parse", "@{upstream}"), first)
	if tracked := git(t, dir, "ls-files"); strings.Contains(tracked, "secrets") || !strings.Contains(tracked, "rootfs.tar") {
		t.Errorf("tracked: %s", tracked)
	}
	if err := p.Write("app/message.txt", "new\n"); err != nil {
		t.Fatal(err)
	}
	if changed, err := p.Changed(t.Context()); err != nil || !changed {
		t.Errorf("changed: %v, %v", changed, err)
	}
	second, err := p.Commit(t.Context(), "Say something else")
	if err != nil || second == first {
		t.Fatalf("%s after %s, %v", second, first, err)
	}
	is(t, "upstream after a commit", git(t, dir, "rev-parse", "@{upstream}"), second)
}

func TestOpenProjectKeepsWhatPeopleEdit(t *testing.T) {
	l, dir := paper(t), filepath.Join(t.TempDir(), "shop")
	p, err := WriteProject(t.Context(), dir, l, ProjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"app/message.txt", "config/deploy.yml", "config/deploy.lab.yml", "Dockerfile"} {
		if err := p.Write(name, "edited\n"); err != nil {
			t.Fatal(err)
		}
	}
	reopen := func() {
		t.Helper()
		if _, err := OpenProject(dir, l, ProjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	reopen()
	is(t, "changed files", git(t, dir, "diff", "--name-only"), "Dockerfile\napp/message.txt\nconfig/deploy.lab.yml\nconfig/deploy.yml")
	is(t, "deploy.yml", read(t, dir, "config/deploy.yml"), "edited\n")
	l.Registry.Password = "another"
	reopen()
	if read(t, dir, "config/deploy.yml") == "edited\n" || !strings.Contains(read(t, dir, ".kamal/secrets.lab"), "=another\n") {
		t.Error("another lab, but the configuration is the old one's")
	}
	is(t, "message", read(t, dir, "app/message.txt"), "edited\n")
}

func TestProjectOptions(t *testing.T) {
	o := ProjectOptions{
		Service: "docs", Destination: "stage", SSHUser: "deploy", SSHPort: 2222, ProxyHost: "docs.test", Builder: "lab-2",
		Roles: []Role{{Name: "web", Hosts: []string{"lab-1"}}}, Env: map[string]string{"SLOW_START": "9s"}, Overlay: "service: docs2\n",
		Extension: "  migrate: {role: web, cmd: bin/rails db:migrate}\n", Files: map[string]string{".kamal/secrets.stage": "A=1\n"},
	}
	dir := filepath.Join(t.TempDir(), "docs")
	if _, err := WriteProject(t.Context(), dir, paper(t), o); err != nil {
		t.Fatal(err)
	}
	deploy := read(t, dir, "config/deploy.yml")
	for _, want := range []string{"image: demo/docs\n", "  user: deploy\n  port: 2222\n", "  host: docs.test\n", "ssh://deploy@lab-2\n", `SLOW_START: "9s"`, "x-hwdeploy:\n  migrate: {role: web"} {
		if !strings.Contains(deploy, want) {
			t.Errorf("no %q in\n%s", want, deploy)
		}
	}
	for _, not := range []string{"sidekiq", "  secret:", "known_hosts"} {
		if strings.Contains(deploy, not) {
			t.Errorf("%q in\n%s", not, deploy)
		}
	}
	is(t, "overlay", read(t, dir, "config/deploy.stage.yml"), "service: docs2\n")
	is(t, "secrets", read(t, dir, ".kamal/secrets.stage"), "A=1\n")
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func is(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
