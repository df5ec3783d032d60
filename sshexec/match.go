package sshexec

import (
	"fmt"
	"strings"

	"github.com/google/shlex"
	"github.com/kevinburke/ssh_config"
)

// settings are the values that ssh_config has for one host. Keys are lower case.
type settings map[string][]string

// plural directives add up; of the others the first value wins.
func plural(key string) bool { return key == "identityfile" || key == "certificatefile" }

func (s settings) get(key string) string {
	if v := s[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// word is get for one of ssh's own words, which it reads in any case; true and
// false are two more.
func (s settings) word(key string) string {
	v := strings.ToLower(s.get(key))
	switch v {
	case "true":
		return "yes"
	case "false":
		return "no"
	}
	return v
}

// add notes d unless an earlier line decided. ProxyJump and ProxyCommand exclude
// each other: whichever comes first wins, as in ssh.
func (s settings) add(d directive) {
	if d.key == "proxyjump" && len(s["proxycommand"]) > 0 || d.key == "proxycommand" && len(s["proxyjump"]) > 0 {
		return
	}
	if len(s[d.key]) == 0 || plural(d.key) {
		s[d.key] = append(s[d.key], d.value)
	}
}

// matcher walks directives for one host.
type matcher struct {
	alias     string // as given by the user
	user      string // who logs in there
	localUser string
	warn      func(string)
	out       settings
}

// walk applies directives; active tells whether the enclosing block matches.
func (m *matcher) walk(ds []directive, active bool) {
	within := active
	for _, d := range ds {
		switch d.key {
		case "host":
			within = active && m.hostMatches(d, m.alias, strings.Fields(d.value))
		case "match":
			within = active && m.matchMatches(d)
		case "include":
			m.walk(d.sub, within)
		default:
			if within {
				m.out.add(d)
			}
		}
	}
}

func (m *matcher) hostMatches(d directive, name string, patterns []string) bool {
	h := ssh_config.Host{}
	for _, p := range patterns {
		pat, err := ssh_config.NewPattern(strings.Trim(p, `"`))
		if err != nil {
			m.warn(fmt.Sprintf("%s: pattern %q left out: %v", d.pos, p, err))
			continue
		}
		h.Patterns = append(h.Patterns, pat)
	}
	return h.Matches(name)
}

// matchMatches evaluates the criteria of a Match line, which must all hold.
// Unknown ones, and exec, make the block not match, with a warning: a command
// from a config file is not run.
func (m *matcher) matchMatches(d directive) bool {
	words, err := shlex.Split(d.value)
	if err != nil || len(words) == 0 {
		m.warn(fmt.Sprintf("%s: Match block left out: cannot read %q", d.pos, d.value))
		return false
	}
	for i := 0; i < len(words); i++ {
		name, negated := strings.CutPrefix(strings.ToLower(words[i]), "!")
		name, arg, inline := strings.Cut(name, "=")
		if !inline && takesArgument(name) && i+1 < len(words) {
			i++
			arg = words[i]
		}
		ok, known := m.criterion(d, name, arg)
		if !known {
			m.warn(fmt.Sprintf("%s: Match block left out: %q is not supported", d.pos, name))
			return false
		}
		if ok == negated {
			return false
		}
	}
	return true
}

func takesArgument(criterion string) bool {
	return criterion != "all" && criterion != "canonical" && criterion != "final"
}

func (m *matcher) criterion(d directive, name, arg string) (ok, known bool) {
	patterns := strings.Split(arg, ",")
	switch name {
	case "all":
		return true, true
	case "host":
		host := expandTokens(m.out.get("hostname"), map[byte]string{'h': m.alias})
		if host == "" {
			host = m.alias
		}
		return m.hostMatches(d, host, patterns), true
	case "originalhost":
		return m.hostMatches(d, m.alias, patterns), true
	case "user":
		return m.hostMatches(d, m.user, patterns), true
	case "localuser":
		return m.hostMatches(d, m.localUser, patterns), true
	case "canonical": // names are never canonicalised here
		return false, true
	}
	return false, false
}

// expandTokens replaces %c by tokens[c]; %% is a percent sign, unknown tokens
// stay as they are.
func expandTokens(s string, tokens map[byte]string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == '%' {
			b.WriteByte('%')
		} else if v, ok := tokens[s[i]]; ok {
			b.WriteString(v)
		} else {
			b.WriteByte('%')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
