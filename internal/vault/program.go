package vault

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// missingProgram names the first program of a line that is not there. It looks
// at lines that are one command or one pipeline: there a missing program leaves
// an empty value and, in a pipeline, not even a status. Where the shell decides
// what runs (`a || b`, `if`, `$(…)`) it says nothing.
func missingProgram(line, dir string, env environment) string {
	for _, name := range programs(line) {
		if !slices.Contains(shellWords(), name) && !executable(name, dir, env) {
			return name
		}
	}
	return ""
}

// programs gives the first word of each command of a pipeline, or nothing when
// the line is more than that. Words with quotes or variables are left out.
func programs(line string) []string {
	var names []string
	for _, part := range pipeline(strings.TrimSpace(line)) {
		for _, w := range strings.Fields(part) {
			if name, _, ok := strings.Cut(w, "="); ok && !strings.ContainsAny(name, `/'"\$`) {
				continue // an assignment
			}
			if !strings.ContainsAny(w, "'\"\\$*?[]{}~<>#!=") {
				names = append(names, w)
			}
			break
		}
	}
	return names
}

// pipeline cuts a line at its bars, outside quotes. It gives nothing when there
// are other operators, groups or substitutions.
func pipeline(line string) []string {
	var parts []string
	from := 0
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '`', c == '$' && quote != '\'' && strings.HasPrefix(line[i:], "$("):
			return nil
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '|' && !strings.HasPrefix(line[i:], "||"):
			parts = append(parts, line[from:i])
			from = i + 1
		case c == '&' && i > 0 && line[i-1] == '>': // 2>&1
		case strings.IndexByte("|&;()\n", c) >= 0:
			return nil
		}
	}
	return append(parts, line[from:])
}

// executable tells whether a shell finds the program.
func executable(name, dir string, env environment) bool {
	if strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return isProgram(name)
	}
	path, ok := env.lookup("PATH")
	if !ok {
		return true // the shell has a default, which only it knows
	}
	for _, d := range filepath.SplitList(path) {
		if !filepath.IsAbs(d) {
			d = filepath.Join(dir, d)
		}
		if isProgram(filepath.Join(d, name)) {
			return true
		}
	}
	return false
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// shellWords are what a shell knows by itself: reserved words, and the builtins
// of POSIX (Shell Command Language §2.4, §2.9.1, §2.14) and of common shells.
func shellWords() []string {
	return strings.Fields(`! { } case do done elif else esac fi for if in then until while function select time [[
		. : break continue eval exec exit export readonly return set shift times trap unset
		[ alias bg builtin cd chdir command declare echo enable false fc fg getopts hash help jobs kill let local
		printf pwd read shopt source suspend test true type typeset ulimit umask unalias wait`)
}
