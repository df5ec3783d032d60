package facts_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/facts"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

const rowConfig = "service: shop\nimage: acme/shop\nregistry: {username: bob, password: s3cret}\nbuilder: {arch: amd64}\nservers: [192.0.2.10]\n"

// Every row of the table of aliases: the words typed are expanded as the command
// line does it, and the command that results is asked for what the row names.
func TestAliasRows(t *testing.T) {
	_, rows := readCases(t)
	var before row
	for _, r := range rows {
		if strings.HasPrefix(r.aliases, "the same") {
			r.aliases = strings.Replace(r.aliases, "the same", before.aliases, 1)
		} else if strings.Contains(r.aliases, ", same destination file") {
			r.aliases = strings.Replace(r.aliases, "same destination file", "destination file sets `service: stageshop`", 1)
		}
		before = r
		t.Run(r.id, func(t *testing.T) { r.check(t) })
	}
	t.Logf("%d rows", len(rows))
	if len(rows) != 19 {
		t.Errorf("%d rows were read", len(rows))
	}
}

func (r row) check(t *testing.T) {
	p := newProject(t, r.files(t), flags{noVersion: true})
	for _, m := range regexp.MustCompile("`([A-Z]+=[^`]*)`").FindAllStringSubmatch(r.aliases, -1) {
		p.flags.env = append(p.flags.env, m[1])
	}
	got, err := p.command(ticked(r.words)[0])
	if err != nil {
		got = err.Error()
	}
	if want := r.want(t); got != want {
		t.Errorf("%s with %s\n got %s\nwant %s", r.words, r.aliases, got, want)
	}
}

func ticked(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// files: each quoted part of the first column is an alias, a root key, or, after
// "destination file sets", a key of that file.
func (r row) files(t *testing.T) map[string]string {
	t.Helper()
	base, stage := rowConfig, "labels: {a: b}\n"
	if _, text, ok := strings.Cut(r.aliases, "destination file sets "); ok {
		stage = ticked(text)[0] + "\n"
	}
	aliases, _, _ := strings.Cut(r.aliases, ", destination file sets")
	aliases, root, _ := strings.Cut(aliases, ", root")
	for _, key := range ticked(root) {
		base += key + "\n"
	}
	list := ""
	for _, a := range ticked(aliases) {
		if !regexp.MustCompile(`^[A-Z]+=`).MatchString(a) {
			list += "  " + a + "\n"
		}
	}
	if list != "" {
		base += "aliases:\n" + list
	}
	return map[string]string{"config/deploy.yml": base, "config/deploy.stage.yml": stage}
}

// want is the last column in the words of command.
func (r row) want(t *testing.T) string {
	t.Helper()
	code := ticked(r.result)
	switch {
	case strings.HasPrefix(r.result, "→") && len(code) == 2:
		return "version " + code[1]
	case strings.HasPrefix(r.result, "→"):
		return code[0]
	case strings.HasPrefix(r.result, "version "), strings.HasPrefix(r.result, "service_with_version "):
		what, _, _ := strings.Cut(r.result, " ")
		return what + " " + code[0]
	case strings.HasPrefix(r.result, "usage error"):
		return "usage error of " + code[0]
	case strings.HasPrefix(r.result, "not found"):
		return `Could not find command "zz".`
	case strings.HasPrefix(r.result, "ArgumentError "):
		return "ArgumentError: " + code[0]
	}
	return code[0]
}

// command runs a line that was typed: the filters load the configuration before
// anything else, then aliases are expanded, then the command reads its flags.
func (p *project) command(line string) (string, error) {
	typed, err := kamal.SplitWords(line)
	if err != nil {
		return "", err
	}
	if err := p.filtersFirst(typed); err != nil {
		return "", err
	}
	first, err := parse(typed)
	if err != nil {
		return "", err
	}
	words, err := kamal.Expand(typed, kamal.Commands(), func(name string) (string, bool, error) {
		o := p.options()
		o.Destination = first.destination
		list, err := config.LoadAliases(context.Background(), o)
		for _, a := range list {
			if a.Name == name {
				return a.Line, true, err
			}
		}
		return "", false, err
	})
	if err != nil {
		return "", err
	}
	if err := p.filtersFirst(words); err != nil {
		return "", err
	}
	return p.run(words)
}

type globals struct {
	destination, version, hosts, roles string
	words                              []string
	unknown                            bool
}

func parse(words []string) (globals, error) {
	var g globals
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.StringVarP(&g.destination, "destination", "d", "", "")
	f.StringVarP(&g.hosts, "hosts", "h", "", "")
	f.StringVarP(&g.roles, "roles", "r", "", "")
	f.StringVar(&g.version, "version", "", "")
	f.SortFlags = false
	err := f.Parse(words)
	g.words = f.Args()
	for _, w := range words {
		name := strings.TrimLeft(w, "-")
		if strings.HasPrefix(w, "--") && f.Lookup(name) == nil {
			g.unknown = true
		}
	}
	return g, err
}

// filtersFirst loads and validates the configuration when -h or -r is there.
func (p *project) filtersFirst(words []string) error {
	g, err := parse(words)
	if err != nil || g.hosts == "" && g.roles == "" {
		return err
	}
	o := p.options()
	o.Destination = g.destination
	c, err := config.Load(context.Background(), o)
	if err == nil {
		_, err = c.Select(config.SplitFilter(g.hosts), config.SplitFilter(g.roles), false)
	}
	if err != nil {
		return fmt.Errorf("%s", facts.ErrorText(err))
	}
	return nil
}

func (p *project) run(words []string) (string, error) {
	g, err := parse(words)
	if err != nil {
		return "", err
	}
	command, err := kamal.FindCommand(g.words[0], kamal.Commands())
	switch {
	case err != nil:
		return "", err
	case command == "":
		return "", &kamal.UnknownCommandError{Word: g.words[0]}
	case g.unknown:
		return "usage error of " + command, nil
	case command != "config":
		return command, nil
	}
	p.flags.destination, p.flags.version = g.destination, g.version
	cfg, err := config.Load(context.Background(), p.options())
	if err != nil {
		return "", err
	}
	if cfg.Service != "shop" {
		return "service_with_version " + p.fact(cfg, nil, "service_with_version"), nil
	}
	version := p.fact(cfg, nil, "version")
	return "version " + strings.Trim(version, `"`), nil
}
