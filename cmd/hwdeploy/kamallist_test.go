package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// kamalCommand is one line of testdata/commands/kamal-2.12.txt.
type kamalCommand struct {
	name         string // "accessory exec", or "*" for what every command has
	args         string
	hidden, here bool // not in Kamal's help; touches no host
	flags        []kamalFlag
}

type kamalFlag struct{ name, short string } // "--hosts", "-h" or ""

// heading is the group that a command stands in.
func (k kamalCommand) heading() string {
	group, _, below := strings.Cut(k.name, " ")
	if !below {
		return "hwdeploy"
	}
	return group
}

var kamalLine = regexp.MustCompile(`^((?:[a-z_]+|\*)(?: [a-z_]+)?)((?: [A-Z\[|][^(:]*| [a-z|]+\|[a-z|]+)?)((?: ?\((?:hidden|here)\))*)(?::(.*))?$`)

// kamalCommands are all that Kamal has, in the order of the file.
func kamalCommands(t *testing.T) []kamalCommand {
	t.Helper()
	text, err := os.ReadFile("testdata/commands/kamal-2.12.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []kamalCommand
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := kamalLine.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("testdata/commands/kamal-2.12.txt: %q", line)
		}
		k := kamalCommand{name: m[1], args: strings.TrimSpace(m[2]), hidden: strings.Contains(m[3], "hidden"), here: strings.Contains(m[3], "here")}
		for _, f := range strings.Split(m[4], ",") {
			if w := strings.Fields(f); len(w) > 0 {
				k.flags = append(k.flags, kamalFlag{w[0], strings.Join(w[1:], "")})
			}
		}
		out = append(out, k)
	}
	return out
}
