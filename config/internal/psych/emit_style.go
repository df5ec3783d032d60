package psych

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

type style int

const (
	stylePlain style = iota
	styleSingle
	styleDouble
	styleLiteral
)

var (
	// A first character that is part of no word, and no double quote after it.
	reNonWord = regexp.MustCompile(`(?m)^[^\pL\pM\p{Nd}\p{Pc}][^"]*$`)
	// Other readers of YAML take such text for octal numbers.
	reNotOctal = regexp.MustCompile(`^0[0-7]*[89]`)
)

// stringStyle is the style Psych asks for; the emitter may have to take another.
func stringStyle(s string) style {
	body := strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\n")
	switch {
	case strings.Contains(body, "\n"):
		return styleLiteral
	case s == "<<":
		return styleSingle
	case s == "y" || s == "Y" || s == "n" || s == "N":
		return styleDouble
	case reNonWord.MatchString(s):
		return styleDouble
	case reNotOctal.MatchString(s):
		return styleSingle
	}
	if n, err := Scalar(s); err != nil || n.Kind != String {
		return styleSingle
	}
	return stylePlain
}

// shape is what the characters of a scalar allow.
type shape struct {
	plain, single, literal bool
}

// shapeOf follows libyaml's analysis of a scalar in block context.
func shapeOf(s string) shape {
	if s == "" {
		return shape{single: true}
	}
	sh := shape{plain: !hasIndicator(s), single: true, literal: true}
	breaks := strings.ContainsAny(s, lineBreaks)
	edge := strings.ContainsAny(s[:1]+s[len(s)-1:], " \n") || startsOrEndsWithBreak(s)
	if breaks || edge {
		sh.plain = false
	}
	if strings.HasSuffix(s, " ") {
		sh.literal = false
	}
	if afterBreak(s, ' ') {
		sh.single = false
	}
	if beforeBreak(s, ' ') || hasSpecial(s) {
		sh = shape{}
	}
	return sh
}

const lineBreaks = "\n\r\u0085\u2028\u2029"

func startsOrEndsWithBreak(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(lineBreaks, first) || strings.ContainsRune(lineBreaks, last)
}

func afterBreak(s string, c rune) bool  { return adjacent(s, c, true) }
func beforeBreak(s string, c rune) bool { return adjacent(s, c, false) }

// adjacent tells that c stands directly after (or before) a line break.
func adjacent(s string, c rune, after bool) bool {
	prev := rune(0)
	for _, r := range s {
		brk, prevBrk := strings.ContainsRune(lineBreaks, r), strings.ContainsRune(lineBreaks, prev)
		if after && prevBrk && r == c || !after && brk && prev == c {
			return true
		}
		prev = r
	}
	return false
}

// hasIndicator tells that a plain scalar of this text would read as something else.
func hasIndicator(s string) bool {
	if strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		return true
	}
	runes := []rune(s)
	for i, r := range runes {
		blankAfter := i+1 == len(runes) || strings.ContainsRune(" \t"+lineBreaks, runes[i+1])
		switch {
		case i == 0 && strings.ContainsRune("#,[]{}&*!|>'\"%@`", r):
			return true
		case i == 0 && (r == '?' || r == '-') && blankAfter:
			return true
		case r == ':' && blankAfter:
			return true
		case r == '#' && strings.ContainsRune(" \t"+lineBreaks, runes[max(i-1, 0)]):
			return true
		}
	}
	return false
}

func hasSpecial(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return !printable(r) })
}

// printable are the characters that libyaml writes as they are, but for the two
// line breaks of Unicode: those are always escaped here.
func printable(r rune) bool {
	switch {
	case r == '\u2028' || r == '\u2029':
		return false
	case r == '\n', r >= 0x20 && r <= 0x7e, r >= 0xa0 && r <= 0xd7ff:
		return true
	}
	return r >= 0xe000 && r <= 0xfffd && r != 0xfeff
}
