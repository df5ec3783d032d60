package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

const commandsHead = `# Commands

Each command and flag of Kamal 2.12.0, ours, and the scenario that proves it: a test of ` + "`e2e/`" + ` on real hosts, or, for what
touches no host, a script of ` + "`cmd/hwdeploy/testdata/`" + `. This page is made from the program
(` + "`go test ./cmd/hwdeploy -run TestCommands -update`" + `), and ` + "`make test`" + ` fails when it is not what the program gives. Where the
same command behaves otherwise on purpose: [differences.md](differences.md).
`

// document is docs/commands.md.
func (l *listing) document() string {
	var b strings.Builder
	b.WriteString(commandsHead)
	heading := ""
	for _, k := range l.kamal {
		title := k.heading()
		if k.name == "*" {
			title = "every command"
		}
		if title != heading {
			heading = title
			fmt.Fprintf(&b, "\n## %s\n\n| Kamal | hwdeploy | proven by |\n|---|---|---|\n", title)
		}
		l.rows(&b, k)
	}
	l.ownCommands(&b)
	l.ownFlags(&b)
	return b.String()
}

func (l *listing) rows(b *strings.Builder, k kamalCommand) {
	if k.name != "*" {
		b.WriteString(l.row(k.name, strings.ReplaceAll(strings.TrimSpace(k.name+" "+k.args), "|", `\|`), nil))
	}
	for _, f := range k.flags {
		shown := strings.TrimSpace(f.name + " " + f.short)
		if k.name != "*" {
			shown = k.name + " " + shown
		}
		b.WriteString(l.row(k.name+" "+f.name, shown, &f))
	}
}

// ownCommands lists what Kamal does not have.
func (l *listing) ownCommands(b *strings.Builder) {
	b.WriteString("\n## Only hwdeploy's\n\n| command | what it does |\n|---|---|\n| `hwdeploy <destination>` | the whole flow: gate, build, push, migrate, swap |\n")
	for _, c := range l.commands {
		if name := l.name(c); !l.claimed[name] {
			fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(name+strings.TrimPrefix(c.Use, c.Name()), "|", `\|`), c.Short)
		}
	}
}

// ownFlags lists the flags that commands of Kamal's have here only.
func (l *listing) ownFlags(b *strings.Builder) {
	b.WriteString("\n| flag | what it does |\n|---|---|\n")
	for _, k := range l.kamal {
		c := l.find(k.name)
		if c == nil {
			continue
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			item := k.name + " --" + f.Name
			if !l.claimed[item] && !l.claimed["* --"+f.Name] && f.Name != "help" && f.Name != "output" && !f.Hidden {
				fmt.Fprintf(b, "| `%s` | %s |\n", item, f.Usage)
			}
		})
	}
	b.WriteString("| `--output` | on every command: auto, plain, github or json |\n")
}
