package psych

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	first := firstDocument(string(text))
	text = []byte(hide(first))
	doc, err := yamlTree(text)
	if err == nil {
		if doc != nil && string(text) != first {
			restoreTree(doc)
		}
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
	var n, rest yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	switch err := dec.Decode(&n); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := dec.Decode(&rest); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return &n, nil
}

var errTrailing = errors.New("something follows the end of the document")

// firstDocument cuts text before the mark that ends its first document, so that
// mistakes behind it don't matter.
func firstDocument(text string) string {
	started := false
	for at := 0; at < len(text); {
		end := len(text)
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		line := text[at:end]
		switch {
		case started && (isMark(line, "...") || isMark(line, "---")):
			return text[:at]
		case !unimportant([]byte(line)) && !strings.HasPrefix(line, "%"):
			started = true
		}
		at = end
	}
	return text
}

func isMark(line, mark string) bool {
	rest, ok := strings.CutPrefix(line, mark)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], " \t\r\n"))
}

var reWhere = regexp.MustCompile(`^yaml: (?:(?:input error|line \d+): )?`)

func problem(err error) string {
	return restore(reWhere.ReplaceAllString(err.Error(), ""), 0)
}

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
