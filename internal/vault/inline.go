package vault

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/adapter"
)

// The spellings of a call of this program. The first is Kamal's own rule and
// takes the whole line, bars and redirections included, as words; Kamal runs the
// others as processes, so they count only where no shell is needed.
var (
	kamalCall = regexp.MustCompile(`^\s*kamal\s+secrets\s+`)
	otherCall = regexp.MustCompile(`^\s*(?:bundle\s+exec\s+)?(?:\S*/)?(kamal|hwdeploy)\s+secrets\s+`)
	quietly   = regexp.MustCompile(`\s2>\s*/dev/null\s*$`)
)

// call is `kamal secrets …` in a substitution.
type call struct {
	text string // what stands after "secrets"
	// plain: the result is not escaped, as a process would print it.
	plain bool
}

func inlineCall(line string) (call, bool) {
	if m := kamalCall.FindString(line); m != "" {
		return call{text: line[len(m):]}, true
	}
	m := otherCall.FindStringSubmatch(line)
	if m == nil {
		return call{}, false
	}
	rest := quietly.ReplaceAllString(line[len(m[0]):], "")
	if needsShell(rest) {
		return call{}, false
	}
	return call{text: rest, plain: m[1] == "kamal"}, true
}

// needsShell tells whether the words of a call hold operators. What looks like
// one inside the JSON of an extract is none.
func needsShell(rest string) bool {
	if args, ok := strings.CutPrefix(rest, "extract"); ok {
		if _, json, err := cutWord(trimBlanks(args)); err == nil {
			if _, err := findObject(json); err == nil {
				return false
			}
		}
	}
	return len(pipeline(rest)) != 1 || strings.ContainsAny(unquoted(rest), "<>")
}

// unquoted drops what is in quotes or behind a backslash.
func unquoted(s string) string {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// inline runs the call in process and gives the text that replaces it.
func (r *reading) inline(ctx context.Context, c call) (string, error) {
	command, rest, err := cutWord(trimBlanks(c.text))
	if err != nil {
		return "", fmt.Errorf("secrets: %w", err)
	}
	switch command {
	case "fetch":
		o, err := parseFetch(rest)
		if err != nil {
			return "", err
		}
		json, err := r.fetch(ctx, o)
		if err != nil || c.plain {
			return json, err
		}
		return adapter.Escape(json), nil
	case "extract":
		return inlineExtract(rest)
	case "print":
		return "", &UsageError{Text: "secrets print can't be used inside a secrets file, which it would print"}
	}
	return "", &UsageError{Text: fmt.Sprintf("secrets %s: no such command; inside a secrets file there are fetch and extract", command)}
}

// fetchFlags are the options that fetch has, and those it shares with all
// commands and ignores, with whether they take a value.
func fetchFlags() map[string]bool {
	return map[string]bool{
		"--adapter": true, "-a": true, "--account": true, "--from": true, "--inline": false,
		"--destination": true, "-d": true, "--config-file": true, "--config_file": true, "-c": true, "--version": true,
		"--hosts": true, "-h": true, "--roles": true, "-r": true, "--primary": false, "-p": false,
		"--verbose": false, "-v": false, "--quiet": false, "-q": false, "--skip-hooks": false, "-H": false,
	}
}

// parseFetch reads the words after `secrets fetch`.
func parseFetch(text string) (FetchOptions, error) {
	all, err := words(text)
	if err != nil {
		return FetchOptions{}, fmt.Errorf("secrets fetch: %w", err)
	}
	var o FetchOptions
	flags := fetchFlags()
	for i := 0; i < len(all); i++ {
		if all[i] == "--" {
			o.Names = append(o.Names, all[i+1:]...)
			break
		}
		name, value, given := strings.Cut(all[i], "=")
		takes, known := flags[name]
		switch {
		case !strings.HasPrefix(all[i], "-") || all[i] == "-":
			o.Names = append(o.Names, all[i])
			continue
		case !known:
			return o, &UsageError{Text: "secrets fetch: unknown option " + name}
		case takes && !given:
			if i++; i == len(all) {
				return o, &UsageError{Text: fmt.Sprintf("No value provided for option '%s'", name)}
			}
			value = all[i]
		}
		o.set(name, value)
	}
	return o, nil
}

func (o *FetchOptions) set(flag, value string) {
	switch flag {
	case "--adapter", "-a":
		o.Adapter = value
	case "--account":
		o.Account = value
	case "--from":
		o.From = value
	}
}
