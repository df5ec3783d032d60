package facts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

type accessoryValue func(context.Context, Options, *config.Accessory) (string, error)

func accessoryNames(_ context.Context, o Options) []string {
	var out []string
	for _, a := range o.Config.Accessories {
		out = append(out, a.Name)
	}
	return out
}

// ofAccessory is a fact about an accessory.
func ofAccessory(name string, secret bool, value accessoryValue) source {
	return source{name: "acc." + name, subjects: accessoryNames, secret: secret, value: func(ctx context.Context, o Options, subject string) (string, error) {
		a := o.Config.Accessory(subject)
		if a == nil {
			return "", unknown("accessory", subject)
		}
		return value(ctx, o, a)
	}}
}

// simple is one that can't fail.
func simple(name string, value func(*config.Config, *config.Accessory) string) source {
	return ofAccessory(name, false, func(_ context.Context, o Options, a *config.Accessory) (string, error) {
		return value(o.Config, a), nil
	})
}

func accessoryFacts() []source {
	spec := func(c *config.Config, a *config.Accessory) kamal.AccessorySpec { return resolve.AccessoryRun(c, a, "") }
	return []source{
		simple("service", func(_ *config.Config, a *config.Accessory) string { return a.Service }),
		simple("image", func(_ *config.Config, a *config.Accessory) string { return quoted(a.Image) }),
		simple("hosts", func(_ *config.Config, a *config.Accessory) string { return list(a.Hosts) }),
		simple("cmd", func(_ *config.Config, a *config.Accessory) string { return nullable(a.Cmd.Value) }),
		simple("network", func(_ *config.Config, a *config.Accessory) string { return a.Network }),
		simple("restart", func(_ *config.Config, a *config.Accessory) string { return a.Restart }),
		simple("publish", func(c *config.Config, a *config.Accessory) string { return words(spec(c, a).PublishArgs()) }),
		simple("labels", func(c *config.Config, a *config.Accessory) string {
			return words(kamal.Argumentize("--label", spec(c, a).AllLabels()))
		}),
		simple("options", func(c *config.Config, a *config.Accessory) string {
			return words(kamal.Optionize(spec(c, a).Options, " "))
		}),
		simple("volumes", func(c *config.Config, a *config.Accessory) string {
			return words(kamal.Repeat("--volume", spec(c, a).Volumes))
		}),
		simple("env_args", func(c *config.Config, a *config.Accessory) string { return words(spec(c, a).EnvArgs()) }),
		simple("env_path", func(c *config.Config, a *config.Accessory) string { return resolve.App(c).AccessoryEnvPath(a.Name) }),
		ofAccessory("env_file", true, accessoryEnvFile),
		simple("running_proxy", func(_ *config.Config, a *config.Accessory) string { return fmt.Sprint(a.Proxied) }),
		proxiedOnly(ofAccessory("proxy_args", false, accessoryProxyArgs)),
		ofAccessory("files", true, accessoryFiles),
		simple("directories", accessoryDirectories),
		{name: "acc.run", subjects: accessoriesAtHosts, value: accessoryRun},
	}
}

func proxiedOnly(s source) source {
	s.subjects = func(_ context.Context, o Options) []string {
		var out []string
		for _, a := range o.Config.Accessories {
			if a.Proxied {
				out = append(out, a.Name)
			}
		}
		return out
	}
	return s
}

func accessoryEnvFile(ctx context.Context, o Options, a *config.Accessory) (string, error) {
	text, err := resolve.AccessoryEnvFile(a, o.lookup(ctx))
	return quoted(string(text)), err
}

func accessoryProxyArgs(ctx context.Context, o Options, a *config.Accessory) (string, error) {
	version := ""
	if withErrorPages(o.Config) {
		var err error
		if version, err = o.version(ctx); err != nil {
			return "", err
		}
	}
	return words(resolve.AccessoryProxyDeploy(o.Config, a, version, fmt.Sprintf("CID:%d", a.Proxy.AppPort)).Args()), nil
}

func accessoriesAtHosts(_ context.Context, o Options) []string {
	var out []string
	for _, a := range o.Config.Accessories {
		for _, h := range a.Hosts {
			out = append(out, a.Name+"@"+h)
		}
	}
	return out
}

func accessoryRun(_ context.Context, o Options, subject string) (string, error) {
	for _, a := range o.Config.Accessories {
		if host, ok := strings.CutPrefix(subject, a.Name+"@"); ok {
			return resolve.AccessoryRun(o.Config, a, host).RunLine(), nil
		}
	}
	return "", unknown("accessory@host", subject)
}

// accessoryFiles gives local path or rendered text, host path, container path,
// mode and owner of each file.
func accessoryFiles(ctx context.Context, o Options, a *config.Accessory) (string, error) {
	names := resolve.Accessory(o.Config, a)
	var out [][]string
	for _, m := range a.Files {
		local, err := localFile(ctx, o, a, m.Local)
		if err != nil {
			return "", err
		}
		out = append(out, []string{quoted(local), quoted(names.FilePath(m.Remote)), quoted(m.Remote), quoted(resolve.FileMode(m)), nullable(m.Owner)})
	}
	return rows(out), nil
}

func localFile(ctx context.Context, o Options, a *config.Accessory, local string) (string, error) {
	path := local
	if !filepath.IsAbs(path) {
		path = filepath.Join(o.Config.Dir, path)
	}
	if resolve.IsTemplate(local) {
		return rendered(ctx, o, a, path)
	}
	if rel, ok := strings.CutPrefix(path, o.Config.Dir+"/"); ok {
		return "./" + rel, nil
	}
	return path, nil
}

func rendered(ctx context.Context, o Options, a *config.Accessory, path string) (string, error) {
	if o.Render == nil {
		return "", fmt.Errorf("templates can't be rendered here")
	}
	environ, err := resolve.AccessoryEnviron(a, o.lookup(ctx))
	if err != nil {
		return "", err
	}
	text, err := o.Render(ctx, path, environ)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("Missing file: %s: %w", path, err) //nolint:staticcheck // Kamal's words
	}
	return "rendered: " + text, err
}

// accessoryDirectories gives host folder, container path, mode and owner of each.
func accessoryDirectories(c *config.Config, a *config.Accessory) string {
	names := resolve.Accessory(c, a)
	var out [][]string
	for _, m := range a.Directories {
		out = append(out, []string{quoted(names.DirPath(m.Local)), quoted(m.Remote), nullable(m.Mode), nullable(m.Owner)})
	}
	return rows(out)
}
