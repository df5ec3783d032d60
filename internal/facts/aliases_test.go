package facts_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/facts"
	"github.com/warmlyyours/hwdeploy/internal/facts/casefile"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

const rowConfig = casefile.RowConfig

// Every row of the table of aliases: the words typed are expanded as the command
// line does it, and the command that results is asked for what the row names.
func TestAliasRows(t *testing.T) {
	_, rows := readCases(t)
	for _, r := range rows {
		t.Run(r.ID, func(t *testing.T) { r.check(t) })
	}
	t.Logf("%d rows", len(rows))
	if len(rows) != 19 {
		t.Errorf("%d rows were read", len(rows))
	}
}

func (r row) check(t *testing.T) {
	p := newProject(t, r.Files(), flags{NoVersion: true, Env: r.Env()})
	got, err := p.command(r.Line())
	if err != nil {
		got = err.Error()
	}
	if want := r.want(t); got != want {
		t.Errorf("%s with %s\n got %s\nwant %s", r.Words, r.Aliases, got, want)
	}
}

// want is the last column in the words of command.
func (r row) want(t *testing.T) string {
	t.Helper()
	code := casefile.Ticked(r.Result)
	switch {
	case strings.HasPrefix(r.Result, "→") && len(code) == 2:
		return "version " + code[1]
	case strings.HasPrefix(r.Result, "→"):
		return code[0]
	case strings.HasPrefix(r.Result, "version "), strings.HasPrefix(r.Result, "service_with_version "):
		what, _, _ := strings.Cut(r.Result, " ")
		return what + " " + code[0]
	case strings.HasPrefix(r.Result, "usage error"):
		return "usage error of " + code[0]
	case strings.HasPrefix(r.Result, "not found"):
		return `Could not find command "zz".`
	case strings.HasPrefix(r.Result, "ArgumentError "):
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
	p.flags.Destination, p.flags.Version = g.destination, g.version
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
