package lab

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/template"
)

//go:embed all:sampleapp/project
var sampleProject embed.FS

//go:embed deploy.yml.tmpl
var deployTemplate string

// Role is one role of a project.
type Role struct {
	Name  string
	Hosts []string
	Cmd   string // "" = the image's own
}

// ProjectOptions say what WriteProject writes. The zero value is a project
// named shop: web on all hosts, sidekiq on the last, built on the first.
type ProjectOptions struct {
	Service     string // "shop"
	Image       string // "demo/shop", without the registry
	Destination string // "lab": config/deploy.lab.yml
	Roles       []Role
	SSHUser     string // "root"
	SSHPort     int    // 22
	// SSHConfig and KnownHosts are files; "" = the lab's own. KnownHosts is
	// copied to config/known_hosts. With Relays, give theirs.
	SSHConfig, KnownHosts string
	Builder               string // host that builds; "" = the first
	ProxyHost             string // proxy.host; "" = the proxy serves every name
	// Env are clear variables; DB_URL is always among them.
	Env map[string]string
	// Secrets go to .kamal/secrets and to env.secret. The registry's password
	// and the key for source maps are there anyway, outside env.
	Secrets map[string]string
	Message string // what / answers; "" = the sample's
	// Overlay is the text of config/deploy.DESTINATION.yml, merged over
	// config/deploy.yml as Kamal does.
	Overlay string
	// Extension is the text below x-hwdeploy in config/deploy.yml, indented by
	// two blanks; "" = known_hosts, migrate and quiet.
	Extension string
	Hooks     map[string]string // scripts by hook name, mode 0755
	Files     map[string]string // more files, by path; they win over all others
}

// Project is a throw-away application project: a git repository with one commit
// that is pushed to a bare repository beside it.
type Project struct {
	Dir         string
	Destination string
}

// WriteProject writes a project for the lab into dir, which must not exist yet
// or be empty, and commits it.
func WriteProject(ctx context.Context, dir string, l *Lab, o ProjectOptions) (*Project, error) {
	o = o.withDefaults(l)
	p := &Project{Dir: dir, Destination: o.Destination}
	files, err := projectFiles(l, o)
	if err == nil {
		err = writeFiles(dir, files)
	}
	if err == nil {
		err = p.initGit(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("write project %s: %w", dir, err)
	}
	return p, nil
}

// OpenProject takes up a project that WriteProject wrote. What a person edits
// stays; only when the lab is another one by now (other host keys or another
// password) what depends on it is written anew.
func OpenProject(dir string, l *Lab, o ProjectOptions) (*Project, error) {
	o = o.withDefaults(l)
	files, err := projectFiles(l, o)
	if err == nil {
		same := sameFile(dir, "config/known_hosts", files) && sameFile(dir, ".kamal/secrets", files)
		maps.DeleteFunc(files, func(name, _ string) bool {
			mine := name == "rootfs.tar" || name == ".kamal/secrets" || strings.HasPrefix(name, ".kamal/secrets.") ||
				name == "config/known_hosts" || name == "config/deploy.yml"
			return !mine || same && name != "rootfs.tar"
		})
		err = writeFiles(dir, files)
	}
	if err != nil {
		return nil, fmt.Errorf("open project %s: %w", dir, err)
	}
	return &Project{Dir: dir, Destination: o.Destination}, nil
}

func sameFile(dir, name string, files map[string]string) bool {
	text, err := os.ReadFile(filepath.Join(dir, name))
	return err == nil && string(text) == files[name]
}

func writeFiles(dir string, files map[string]string) error {
	for name, text := range files {
		mode := os.FileMode(0o644)
		switch {
		case strings.HasPrefix(name, ".kamal/hooks/"):
			mode = 0o755
		case strings.HasPrefix(name, ".kamal/secrets"):
			mode = 0o600
		}
		if err := writeFile(filepath.Join(dir, name), text, mode); err != nil {
			return err
		}
	}
	return nil
}

func (o ProjectOptions) withDefaults(l *Lab) ProjectOptions {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&o.Service, "shop")
	set(&o.Image, "demo/"+o.Service)
	set(&o.Destination, "lab")
	set(&o.SSHUser, "root")
	set(&o.SSHConfig, l.SSHConfig)
	set(&o.KnownHosts, l.KnownHosts)
	set(&o.Builder, l.Hosts[0].Name)
	set(&o.Overlay, "# What differs from deploy.yml in this destination: nothing.\nservice: "+o.Service+"\n")
	set(&o.Extension, defaultExtension)
	if o.SSHPort == 0 {
		o.SSHPort = 22
	}
	if o.Roles == nil {
		var all []string
		for _, h := range l.Hosts {
			all = append(all, h.Name)
		}
		o.Roles = []Role{{Name: "web", Hosts: all}, {Name: "sidekiq", Hosts: all[len(all)-1:], Cmd: "bundle exec sidekiq"}}
	}
	o.Env = maps.Clone(o.Env)
	if o.Env == nil {
		o.Env = map[string]string{}
	}
	if _, ok := o.Env["DB_URL"]; !ok {
		o.Env["DB_URL"] = l.DB.URL
	}
	return o
}

const defaultExtension = `  known_hosts: config/known_hosts
  insecure_registry: true
  migrate:
    role: sidekiq
    cmd: bin/rails db:migrate
  quiet:
    roles: [sidekiq]
    max: 2m
`

func projectFiles(l *Lab, o ProjectOptions) (map[string]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(sampleProject, "sampleapp/project", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := sampleProject.ReadFile(path)
		files[strings.TrimPrefix(path, "sampleapp/project/")] = string(text)
		return err
	})
	if err != nil {
		return nil, err
	}
	rootfs, err := os.ReadFile(l.RootfsTar)
	if err != nil {
		return nil, err
	}
	known, err := os.ReadFile(o.KnownHosts)
	if err != nil {
		return nil, err
	}
	deploy, err := deployYML(l, o)
	if err != nil {
		return nil, err
	}
	files["rootfs.tar"], files["config/known_hosts"], files["config/deploy.yml"] = string(rootfs), string(known), deploy
	files["config/deploy."+o.Destination+".yml"] = o.Overlay
	files[".gitignore"] = "/.kamal/secrets*\n/tmp/\n"
	secrets := secretsFile(l, o)
	files[".kamal/secrets"], files[".kamal/secrets."+o.Destination] = secrets, secrets
	if o.Message != "" {
		files["app/message.txt"] = o.Message + "\n"
	}
	for name, text := range o.Hooks {
		files[".kamal/hooks/"+name] = text
	}
	maps.Copy(files, o.Files)
	return files, nil
}

func secretsFile(l *Lab, o ProjectOptions) string {
	values := map[string]string{"KAMAL_REGISTRY_PASSWORD": l.Registry.Password, "APPSIGNAL_PUSH_API_KEY": "lab-push-key"}
	maps.Copy(values, o.Secrets)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s=%s\n", name, values[name])
	}
	return b.String()
}

func deployYML(l *Lab, o ProjectOptions) (string, error) {
	t, err := template.New("deploy.yml").Delims("[[", "]]").Funcs(template.FuncMap{"join": func(s []string) string { return strings.Join(s, ", ") }}).Parse(deployTemplate)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		ProjectOptions
		Registry *Registry
		Arch     string
		Names    []string
	}{o, l.Registry, runtime.GOARCH, slices.Sorted(maps.Keys(o.Secrets))})
	return b.String(), err
}
