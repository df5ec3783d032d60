package psych

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxSearch bounds the bytes parsed again to find the line of a mistake.
const maxSearch = 8 << 20

// readTree gives the document node of the first document, nil if there is none.
func readTree(text []byte, mapPos func(line, col int) Pos) (*yaml.Node, error) {
	if !utf8.Valid(text) {
		line, col := firstInvalid(text)
		return nil, &SyntaxError{Pos: mapPos(line, col), Msg: "invalid byte sequence in UTF-8"}
	}
	doc, err := yamlTree(text)
	if err == nil {
		return doc, nil
	}
	line := mistakeLine(text)
	col, lead := indent(text, line)
	msg := problem(err)
	if strings.Contains(lead, "\t") {
		msg += " (a tab can't be used to indent)"
	}
	return nil, &SyntaxError{Pos: mapPos(line, col), Msg: msg}
}

// yamlTree turns panics of the parser into errors: its own "please report" ones
// must not end the program.
func yamlTree(text []byte) (doc *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fmt.Errorf("yaml: %v", p)
		}
	}()
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil {
		return nil, err
	}
	if n.Kind == 0 {
		return nil, nil
	}
	return &n, nil
}

var reWhere = regexp.MustCompile(`^yaml: (?:(?:input error|line \d+): )?`)

func problem(err error) string { return reWhere.ReplaceAllString(err.Error(), "") }

// mistakeLine finds the first line with which no longer beginning of the text
// parses. The parser itself tells the start of the enclosing block, or a line
// beside it, or nothing.
func mistakeLine(text []byte) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	end, searched := len(text), 0
	good := 0
	for k := len(lines) - 1; k > 0; k-- {
		end -= len(lines[k])
		if searched += end; searched > maxSearch {
			break
		}
		if _, err := yamlTree(text[:end]); err == nil {
			good = k
			break
		}
	}
	for good+1 < len(lines) && unimportant(lines[good]) {
		good++
	}
	return good + 1
}

func unimportant(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}

// indent gives the column of the first character of a line, and what precedes it.
func indent(text []byte, line int) (int, string) {
	lines := strings.SplitAfterN(string(text), "\n", line+1)
	if line > len(lines) {
		return 1, ""
	}
	l := lines[line-1]
	rest := strings.TrimLeft(l, " \t")
	lead := l[:len(l)-len(rest)]
	return len(lead) + 1, lead
}

func firstInvalid(text []byte) (line, col int) {
	line, col = 1, 1
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
		text = text[size:]
	}
	return line, col
}
