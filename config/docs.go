package config

import (
	"fmt"
	"slices"
	"strings"
)

// docSections are Kamal's names of sections that are no root keys, or not of that
// name.
func docSections() map[string]spec {
	return map[string]spec{
		"role":      {key: "servers:\n  ROLE", want: wantSection, of: roleSpec(), doc: "Settings of one role."},
		"accessory": *find(rootSections(), "accessories"), "alias": *find(rootSections(), "aliases"),
	}
}

// DocSections are the sections that Docs knows.
func DocSections() []string {
	out := append([]string{"configuration"}, keysOf(rootSections())...)
	for name := range docSections() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Docs is the text of deploy.yml with every key of a section and what it means,
// "" = the root's keys; false: there is no such section. It follows the table
// that Load checks by.
func Docs(section string) (string, bool) {
	var b strings.Builder
	if section == "" || section == "configuration" {
		for _, s := range append(rootKeys(), rootSections()...) {
			s.of = nil
			writeDoc(&b, s, "")
		}
		return b.String(), true
	}
	s := find(rootSections(), section)
	if other, ok := docSections()[section]; ok {
		s = &other
	}
	if s == nil {
		return "", false
	}
	writeDoc(&b, *s, "")
	return b.String(), true
}

func writeDoc(b *strings.Builder, s spec, indent string) {
	fmt.Fprintf(b, "%s# %s%s\n", indent, s.doc, docRules(s))
	fmt.Fprintf(b, "%s%s:\n", indent, strings.ReplaceAll(s.key, "\n", "\n"+indent))
	below := indent + "  "
	if strings.Contains(s.key, "\n") {
		below += "  "
	}
	if s.want == wantEntries || s.want == wantServers {
		fmt.Fprintf(b, "%sNAME:\n", below)
		below += "  "
	}
	for _, k := range s.of {
		writeDoc(b, k, below)
	}
}

// docRules says what a key takes, its default, and whether it must be there.
func docRules(s spec) string {
	var rules []string
	if takes := docShape(s); takes != "" {
		rules = append(rules, takes)
	}
	if s.def != nil {
		rules = append(rules, fmt.Sprintf("default %v", s.def))
	}
	if s.must || s.checked {
		rules = append(rules, "required")
	}
	if len(rules) == 0 {
		return ""
	}
	return " (" + strings.Join(rules, "; ") + ")"
}

func docShape(s spec) string {
	if len(s.enum) > 0 {
		return strings.Join(s.enum, " or ")
	}
	return map[want]string{
		wantText: "text", wantInt: "a whole number", wantBool: "true or false", wantTexts: "a list", wantTextMap: "a map of texts",
		wantAnyMap: "a map", wantHosts: "a list of hosts", wantOneOrMore: "text or a list", wantSSHConfig: "true, false, a file or a list of files",
		wantSSL: "true, false or a map", wantPaths: "a list", wantCredential: "text, or a list with the name of a secret",
		wantOff: "a map or false", wantSpan: "a duration such as 15m", wantSecret: "the name of a secret", wantSecrets: "names of secrets",
		wantProxy: "true, false or a map", wantServers: "a list or a map", wantAliases: "a map of texts",
	}[s.want]
}
