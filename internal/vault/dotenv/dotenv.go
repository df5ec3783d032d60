// Package dotenv reads text in the dotenv syntax of Ruby's dotenv 3.2: the
// entries, their quotes and escapes, variables and command substitution.
//
// It runs nothing and reads no file or environment itself: it asks Options.
//
// Laws: text that is no entry is ignored; a later entry for a name wins and is
// seen by the entries below it; bytes that are not escapes, variables or
// commands are kept.
//
// One deliberate difference: in Ruby variables are replaced in the output of
// commands too, so that a password with a `$` loses its end. Here the output of
// a command is never looked at again.
//
// Sources: https://github.com/bkeepers/dotenv/blob/v3.2.0/lib/dotenv/parser.rb
// and the substitutions beside it.
package dotenv

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Options are the ways in which the text can reach the outside.
type Options struct {
	// Lookup gives a variable of the process environment; nil: there is none.
	Lookup func(name string) (string, bool)
	// Command runs the text between `$(` and `)` and gives its whole output, of
	// which one line break at the end is dropped; nil: commands stay as they are.
	Command func(Command) (string, error)
	// Ignored is told the number of each line that is no entry, blank or comment,
	// before anything is evaluated; nil: nobody is told.
	Ignored func(line int)
	// Done sees each entry's value, and gives the value to use; nil: as it is.
	Done func(Entry) string
	// Keep lets the environment win over entries of the same name, whose commands
	// are then not run.
	Keep bool
	// EscapedParens takes `\(` and `\)` inside a command as plain characters, as
	// Kamal does in secrets files.
	EscapedParens bool
}

// Command is one substitution, its variables replaced.
type Command struct {
	Text string
	// Entry names the entry that holds it, Line where that entry begins (from 1).
	Entry string
	Line  int
	// FromEntries tells that Text holds the value of an earlier entry, which may
	// be a secret.
	FromEntries bool
}

// Entry is one name with its value.
type Entry struct {
	Name, Value string
	// Line is where the entry that won begins, from 1.
	Line int
	// Literal: the value stood in single quotes.
	Literal bool
	// Computed: part of the value is the output of a command.
	Computed bool
}

// Error is text that Ruby refuses. Text contains Ruby's own words.
type Error struct {
	Line int
	Text string
}

// Error gives "line N: text".
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Parse gives the entries in the order in which their names first appear. It
// fails with an *Error, or with an error of Options.Command as it is.
func Parse(text string, o Options) ([]Entry, error) {
	if line, ok := validUTF8(text); !ok {
		return nil, &Error{Line: line, Text: "invalid byte sequence in UTF-8"}
	}
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	p := &parser{o: o, at: map[string]int{}}
	lines := scan(text)
	if o.Ignored != nil {
		for _, n := range leftOver(text, lines) {
			o.Ignored(n)
		}
	}
	for _, e := range lines {
		if err := p.take(e); err != nil {
			return nil, err
		}
	}
	return p.entries, nil
}

// validUTF8 gives the line of the first byte that is not UTF-8.
func validUTF8(s string) (line int, ok bool) {
	line = 1
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return line, false
			}
		}
		if r == '\n' {
			line++
		}
	}
	return line, true
}
