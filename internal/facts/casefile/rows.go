package casefile

import (
	"regexp"
	"strings"
)

// Row is one row of the table of aliases: what is configured, the words typed,
// and what happens then.
type Row struct{ ID, Aliases, Words, Result string }

// RowConfig is the configuration of every row, without what the row adds.
const RowConfig = "service: shop\nimage: acme/shop\nregistry: {username: bob, password: s3cret}\nbuilder: {arch: amd64}\nservers: [192.0.2.10]\n"

// rows reads the table; "the same" stands for the cell above.
func rows(text string) (all []Row) {
	before := ""
	for _, m := range regexp.MustCompile(`(?m)^\| (L\d+) \| (.*?) \| (.*?) \| (.*?) \|$`).FindAllStringSubmatch(text, -1) {
		aliases := m[2]
		if strings.HasPrefix(aliases, "the same") {
			aliases = strings.Replace(aliases, "the same", before, 1)
		} else if strings.Contains(aliases, ", same destination file") {
			aliases = strings.Replace(aliases, "same destination file", "destination file sets `service: stageshop`", 1)
		}
		before = aliases
		all = append(all, Row{m[1], aliases, m[3], m[4]})
	}
	return all
}

// Ticked are the parts between backticks.
func Ticked(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// Line is the command line that is typed.
func (r Row) Line() string { return Ticked(r.Words)[0] }

var variable = regexp.MustCompile(`^[A-Z]+=`)

// Env are the variables of the first column.
func (r Row) Env() (out []string) {
	for _, a := range Ticked(r.Aliases) {
		if variable.MatchString(a) {
			out = append(out, a)
		}
	}
	return out
}

// Files: each quoted part of the first column is an alias, a root key, or, after
// "destination file sets", a key of that file.
func (r Row) Files() map[string]string {
	base, stage := RowConfig, "labels: {a: b}\n"
	if _, text, ok := strings.Cut(r.Aliases, "destination file sets "); ok {
		stage = Ticked(text)[0] + "\n"
	}
	aliases, _, _ := strings.Cut(r.Aliases, ", destination file sets")
	aliases, root, _ := strings.Cut(aliases, ", root")
	for _, key := range Ticked(root) {
		base += key + "\n"
	}
	list := ""
	for _, a := range Ticked(aliases) {
		if !variable.MatchString(a) {
			list += "  " + a + "\n"
		}
	}
	if list != "" {
		base += "aliases:\n" + list
	}
	return map[string]string{"config/deploy.yml": base, "config/deploy.stage.yml": stage}
}
