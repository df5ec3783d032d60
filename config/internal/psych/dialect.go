package psych

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// The parser and libyaml differ in a few places. Two of them are hidden from the
// parser: characters are replaced by private ones, one for one so that columns
// stay, and put back in every scalar.
//
//   - `?` inside a plain scalar of a flow collection ({path: /up?x=1}) ends the
//     scalar for the parser;
//   - `\/` in double quotes is an error for the parser.
//
// Two more are errors for libyaml only, see checkDialect.
const (
	hiddenQuestion  = '\ue0e0'
	hiddenBackslash = '\ue0e1' // the backslash of `\/`
	hiddenSlash     = '\ue0e2'
	hidden          = string(hiddenQuestion) + string(hiddenBackslash) + string(hiddenSlash)
)

// hide replaces what the parser would misread. A text that contains the private
// characters itself is left alone.
func hide(text string) string {
	if !strings.ContainsAny(text, `?\`) || strings.ContainsAny(text, hidden) {
		return text
	}
	out := make([]rune, 0, len(text))
	solid := '\n'     // last character that is no blank, on this line
	escaping := false // an odd run of backslashes ends here
	for _, r := range text {
		prev := rune('\n')
		if len(out) > 0 {
			prev = out[len(out)-1]
		}
		switch {
		case r == '?' && insideScalar(prev, solid):
			out = append(out, hiddenQuestion)
		case r == '/' && escaping:
			out[len(out)-1] = hiddenBackslash
			out = append(out, hiddenSlash)
		default:
			out = append(out, r)
		}
		escaping = r == '\\' && !escaping
		if r != ' ' && r != '\t' {
			solid = out[len(out)-1]
		}
	}
	return string(out)
}

// insideScalar tells of a question mark that it can't begin a key: prev is the
// character before it, solid the last one that is no blank.
func insideScalar(prev, solid rune) bool {
	if strings.ContainsRune("\n\r[]{},:?", solid) {
		return false
	}
	return solid != '-' || prev == '-'
}

// restore puts back what hide replaced.
func restore(value string, style yaml.Style) string {
	if !strings.ContainsAny(value, hidden) {
		return value
	}
	backslash := `\`
	if style&yaml.DoubleQuotedStyle != 0 {
		backslash = ""
	}
	return strings.NewReplacer(
		string(hiddenQuestion), "?",
		string(hiddenBackslash), backslash,
		string(hiddenSlash), "/",
	).Replace(value)
}

// restoreTree puts back what hide replaced in all scalars.
func restoreTree(y *yaml.Node) {
	y.Value = restore(y.Value, y.Style)
	for _, c := range y.Content {
		restoreTree(c)
	}
}

// checkDialect refuses what the parser takes and libyaml does not: `\'` in
// double quotes, and a colon before an indicator in a flow collection ({a:[1]}).
func (r *resolver) checkDialect(y *yaml.Node) error {
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0 && r.quoteEscaped(y):
		return r.fail(y, `found unknown escape character: \' in double quotes`)
	case r.flow > 0 && y.Style&quotedStyles == 0 && strings.HasSuffix(y.Value, ":") && r.colonBound(y):
		return r.fail(y, "found unexpected ':'; put a blank behind it")
	}
	return nil
}

// at gives the text from where a node begins.
func (r *resolver) at(y *yaml.Node) string {
	if r.starts == nil {
		r.starts = lineStarts(r.text)
	}
	if y.Line < 1 || y.Line > len(r.starts) {
		return ""
	}
	if r.line != y.Line {
		r.line, r.cols = y.Line, columns(r.text[r.starts[y.Line-1]:])
	}
	return r.text[r.starts[y.Line-1]+r.cols[min(y.Column, len(r.cols))-1]:]
}

// columns gives the offsets of the characters of the first line of text.
func columns(text string) []int {
	offsets := []int{}
	for i, c := range text {
		offsets = append(offsets, i)
		if c == '\n' {
			return offsets
		}
	}
	return append(offsets, len(text))
}

// loneTag tells that a quoted scalar follows the tag `!`. libyaml takes that as
// no tag and no quotes, the parser forgets it.
func (r *resolver) loneTag(y *yaml.Node) bool {
	if y.Style&quotedStyles == 0 || y.Style&yaml.TaggedStyle != 0 || !strings.Contains(r.text, "! ") {
		return false
	}
	rest := r.at(y)
	if y.Anchor != "" {
		rest = strings.TrimLeft(strings.TrimPrefix(rest, "&"+y.Anchor), " \t")
	}
	return strings.HasPrefix(rest, "! ")
}

// colonBound tells that the last colon of a plain scalar touches an indicator.
func (r *resolver) colonBound(y *yaml.Node) bool {
	rest, ok := strings.CutPrefix(r.at(y), y.Value)
	return ok && rest != "" && strings.ContainsAny(rest[:1], ",?[]{}")
}

// quoteEscaped looks for `\'` in the text of a double-quoted scalar.
func (r *resolver) quoteEscaped(y *yaml.Node) bool {
	if !strings.Contains(r.text, `\'`) {
		return false
	}
	// A tag or anchor may stand before the opening quote.
	_, rest, _ := strings.Cut(r.at(y), `"`)
	for i := 0; i+1 < len(rest) && rest[i] != '"'; i++ {
		if rest[i] == '\\' {
			if i++; rest[i] == '\'' {
				return true
			}
		}
	}
	return false
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}
