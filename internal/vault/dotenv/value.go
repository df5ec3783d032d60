package dotenv

import (
	"strconv"
	"strings"
)

// legacyMode is the variable that turns `\n` in double quotes into line breaks.
const legacyMode = "DOTENV_LINEBREAK_MODE"

type parser struct {
	o       Options
	entries []Entry
	at      map[string]int // name → index in entries
}

// take adds one line to the entries.
func (p *parser) take(l line) error {
	e := Entry{Name: l.name, Line: l.number}
	_, known := p.at[l.name]
	outer, exists := p.environment(l.name)
	switch {
	case p.o.Keep && exists && l.name != legacyMode:
		e.Value = outer
	case l.export && !l.hasValue && known:
		return nil
	case l.export && !l.hasValue:
		return &Error{Line: l.number, Text: "Line " + inspect(l.text) + " has an unset variable"}
	default:
		if err := p.evaluate(&e, l.value); err != nil {
			return err
		}
	}
	if p.o.Done != nil {
		e.Value = p.o.Done(e)
	}
	p.put(e)
	return nil
}

func (p *parser) put(e Entry) {
	if i, ok := p.at[e.Name]; ok {
		p.entries[i] = e
		return
	}
	p.at[e.Name] = len(p.entries)
	p.entries = append(p.entries, e)
}

// evaluate removes quotes and escapes, then runs commands, then puts variables
// in. The order is Ruby's and matters.
func (p *parser) evaluate(e *Entry, raw string) error {
	v := strings.Trim(raw, " \t\n\v\f\r\x00")
	quote := byte(0)
	if n := len(v); n >= 2 && v[0] == v[n-1] && (v[0] == '\'' || v[0] == '"') {
		quote, v = v[0], v[1:n-1]
	}
	if quote == '\'' {
		e.Value, e.Literal = v, true
		return nil
	}
	if quote == '"' {
		v = p.lineBreaks(v)
	}
	parts, err := p.commands(*e, unescape(v))
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, part := range parts {
		if part.output {
			e.Computed = true
			b.WriteString(part.text)
			continue
		}
		text, _ := p.variables(part.text)
		b.WriteString(text)
	}
	e.Value = b.String()
	return nil
}

// lineBreaks prepares `\n` and `\r` of a double-quoted value for unescape: they
// stay two characters, or become real in the legacy mode.
func (p *parser) lineBreaks(v string) string {
	n, r := `\\n`, `\\r`
	if mode, _ := p.variable(legacyMode); mode == "legacy" {
		n, r = "\n", "\r"
	}
	return strings.ReplaceAll(strings.ReplaceAll(v, `\n`, n), `\r`, r)
}

// unescape drops each backslash that is not before `$`, and keeps what follows.
func unescape(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) && v[i+1] != '$' {
			i++
		}
		b.WriteByte(v[i])
	}
	return b.String()
}

func (p *parser) environment(name string) (string, bool) {
	if p.o.Lookup == nil {
		return "", false
	}
	return p.o.Lookup(name)
}

// variable gives the value of an entry above, else of the environment, else "".
func (p *parser) variable(name string) (value string, fromEntries bool) {
	if i, ok := p.at[name]; ok {
		return p.entries[i].Value, true
	}
	value, _ = p.environment(name)
	return value, false
}

// inspect writes s as Ruby prints a string in a message.
func inspect(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == 0x1b:
			b.WriteString(`\e`)
		case r == '"' || r == '\\' || r < 0x20 && strings.ContainsRune("\a\b\t\n\v\f\r", r):
			q := strconv.Quote(string(r))
			b.WriteString(q[1 : len(q)-1])
		case r < 0x20 || r == 0x7f:
			b.WriteString(`\x` + strings.ToUpper(strconv.FormatInt(int64(r)+0x100, 16)[1:]))
		default:
			b.WriteRune(r)
		}
	}
	marks := strings.NewReplacer("#{", `\#{`, "#$", `\#$`, "#@", `\#@`)
	return `"` + marks.Replace(b.String()) + `"`
}
