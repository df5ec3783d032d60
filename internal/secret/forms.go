package secret

import "strings"

const (
	// minLen is the shortest text that is redacted, see harmless.
	minLen = 4
	// minLine is the shortest line of a multi-line secret that is hidden alone.
	minLine = 8
)

// harmless tells whether a value can't be secret and would, hidden wherever it
// occurs, make output unreadable: up to three bytes, blanks around it not counted
// ("1", "on", "eu"), numbers of up to five digits (ports, years), and the words of
// JSON, whose loss would also break the JSON form of events.
func harmless(trimmed string) bool {
	switch {
	case len(trimmed) < minLen, trimmed == "true", trimmed == "false", trimmed == "null":
		return true
	}
	return len(trimmed) <= 5 && strings.Trim(trimmed, "0123456789") == ""
}

// forms lists the texts under which a value may turn up in output: as it is,
// trimmed, line by line, and in the encodings that programs print it in.
func forms(value string) []string {
	var all []string
	seen := map[string]bool{}
	add := func(min int, texts ...string) {
		for _, t := range texts {
			if len(t) >= min && !seen[t] && strings.Trim(t, "*") != "" {
				seen[t] = true
				all = append(all, t)
			}
		}
	}
	trimmed := strings.TrimSpace(value)
	if harmless(trimmed) {
		return nil
	}
	for _, v := range []string{value, trimmed} {
		add(minLen, v)
		add(minLen, escaped(v)...)
		add(minLen, encoded64(v)...)
	}
	add(minLine, lines(trimmed)...)
	// Keys are often kept on one line, and unfolded by the program that prints.
	add(minLine, lines(strings.ReplaceAll(trimmed, `\n`, "\n"))...)
	return all
}

// lines gives the lines of a multi-line value, without the armour of PEM, which
// is no secret, and each in its own escaped forms.
func lines(v string) []string {
	if !strings.ContainsAny(v, "\r\n") {
		return nil
	}
	var all []string
	for _, l := range strings.FieldsFunc(v, func(r rune) bool { return r == '\n' || r == '\r' }) {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "-----") || len(l) < minLine {
			continue
		}
		all = append(all, l)
		all = append(all, escaped(l)...)
	}
	return all
}
