package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

// openFile lists what of Kamal's is not there yet, or proven by no scenario. An
// entry that is there and proven fails the test; -update drops it.
const openFile = "testdata/commands/open.txt"

// shorts are the short forms that are not Kamal's, with the reason.
var shorts = map[string]string{"--hosts": "`-h` is help, unless the program is called `kamal`"}

const commandsFile = "../../docs/commands.md"

// Every command and flag of Kamal's is there and proven, and docs/commands.md,
// made from the program, says where. A new one: add it to a scenario's `proves:`
// line, then run `go test ./cmd/hwdeploy -run TestCommands -update`.
func TestCommands(t *testing.T) {
	l := newListing(t)
	text := l.document()
	if *update && !t.Failed() {
		l.write(commandsFile, text)
		l.write(openFile, strings.Join(l.stillOpen, ""))
	}
	if now, err := os.ReadFile(commandsFile); err != nil || string(now) != text {
		t.Errorf("docs/commands.md is not what the program gives: go test ./cmd/hwdeploy -run TestCommands -update (%v)", err)
	}
	if now, err := os.ReadFile(openFile); err != nil || string(now) != strings.Join(l.stillOpen, "") {
		t.Errorf("%s names what is there and proven by now; the same command drops it (%v)", openFile, err)
	}
}

func (l *listing) write(file, text string) {
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // files of the repository
		l.Fatal(err)
	}
}

// hwdeploy help names every command that docs/commands.md does, but hidden ones.
func TestHelpListsEveryCommand(t *testing.T) {
	l := newListing(t)
	var out strings.Builder
	l.root.SetOut(&out)
	l.root.SetArgs([]string{"help"})
	if err := l.root.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, c := range l.commands {
		group, below, _ := strings.Cut(l.name(c), " ")
		if group == "completion" { // cobra's own
			continue
		}
		i := strings.Index(out.String(), "\n  "+group+" ")
		if i < 0 {
			t.Errorf("help lacks %s", group)
			continue
		}
		line, _, _ := strings.Cut(out.String()[i+1:], "\n")
		if below != "" && !c.Hidden && !slices.Contains(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ,()", r) }), below) {
			t.Errorf("help lacks %s %s", group, below)
		}
	}
}

// listing is the program beside Kamal.
type listing struct {
	*testing.T
	root     *cobra.Command
	commands []*cobra.Command // those that do something, in order
	kamal    []kamalCommand
	proofs   map[string][]string
	claimed  map[string]bool // items that are Kamal's

	open      map[string]bool // openFile
	stillOpen []string        // its lines that have to stay
}

func newListing(t *testing.T) *listing {
	l := &listing{T: t, root: newApp().root(), kamal: kamalCommands(t), proofs: map[string][]string{}, claimed: map[string]bool{}}
	text, err := os.ReadFile(openFile)
	if err != nil {
		t.Fatal(err)
	}
	l.open = map[string]bool{}
	for item := range strings.Lines(string(text)) {
		l.open[strings.TrimSpace(item)] = true
	}
	l.root.InitDefaultHelpCmd()
	l.root.InitDefaultCompletionCmd()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			if !below.HasSubCommands() {
				l.commands = append(l.commands, below)
			}
			walk(below)
		}
	}
	walk(l.root)
	sort.SliceStable(l.commands, func(i, j int) bool { return l.name(l.commands[i]) < l.name(l.commands[j]) })
	l.prove()
	return l
}

func (l *listing) name(c *cobra.Command) string {
	return strings.TrimPrefix(c.CommandPath(), l.root.Name()+" ")
}

// find gives a command by its words.
func (l *listing) find(name string) *cobra.Command {
	for _, c := range l.commands {
		if l.name(c) == name {
			return c
		}
	}
	return nil
}

// flag gives the flag of an item such as "app stop --roles".
func (l *listing) flag(item string) *pflag.Flag {
	name, flagName, _ := strings.Cut(item, " --")
	if c := l.find(name); c != nil {
		return c.Flags().Lookup(flagName)
	}
	return nil
}

// anAlias stands for the aliases of a configuration, which are no commands of the
// program's own.
const anAlias = "alias"

func (l *listing) exists(item string) bool {
	if item == anAlias {
		return true
	}
	if strings.Contains(item, " --") {
		return l.flag(item) != nil
	}
	return l.find(item) != nil
}

// everywhere tells whether all commands of Kamal's that are here have a flag.
func (l *listing) everywhere(flagName string) bool {
	for _, k := range l.kamal {
		if c := l.find(k.name); c != nil && c.Name() != "help" && c.Flags().Lookup(strings.TrimPrefix(flagName, "--")) == nil {
			l.Errorf("%s has no %s", k.name, flagName)
			return false
		}
	}
	return true
}

// proof gives the scenarios of an item; for what every command has, of any.
func (l *listing) proof(item string) []string {
	name, flagName, _ := strings.Cut(item, " --")
	if name != "*" {
		return l.proofs[item]
	}
	var out []string
	for other, scenarios := range l.proofs {
		if strings.HasSuffix(other, " --"+flagName) {
			out = append(out, scenarios...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// row is one line of a table: an item of Kamal's, ours, and what proves it.
func (l *listing) row(item, shown string, f *kamalFlag) string {
	l.claimed[item] = true
	ours := "the same"
	if f != nil {
		ours = l.flagRow(item, *f)
	}
	there := l.exists(item) || strings.HasPrefix(item, "*") && l.everywhere(f.name)
	if !there {
		ours = "**missing**"
	}
	found, by := l.proof(item), "–"
	if len(found) > 0 {
		by = "`" + strings.Join(found, "` `") + "`"
	}
	switch {
	case there && len(found) > 0:
	case l.open[item]:
		l.stillOpen = append(l.stillOpen, item+"\n")
	case there:
		l.Errorf("%s is proven by no scenario", item)
	default:
		l.Errorf("%s is missing", item)
	}
	return fmt.Sprintf("| `%s` | %s | %s |\n", shown, ours, by)
}

func (l *listing) flagRow(item string, f kamalFlag) string {
	if why := shorts[f.name]; why != "" {
		return "`" + f.name + "`: " + why
	}
	if flag := l.flag(item); flag != nil && f.short != "" && "-"+flag.Shorthand != f.short {
		l.Errorf("%s is not %s", item, f.short)
	}
	return "the same"
}
