package secret

import (
	"encoding/base64"
	"strings"
)

// encoded64 gives the Base64 forms of v in both alphabets: whole, whole in lines
// of 64 and 76 characters (PEM, MIME and the base64 program), and as the middle
// of something longer, where only the phase of v's first byte matters: that
// finds a password inside base64("user:password").
func encoded64(v string) []string {
	var all []string
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		whole := enc.EncodeToString([]byte(v))
		all = append(all, whole, strings.TrimRight(whole, "="))
		all = append(all, chunks(whole, 64)...)
		all = append(all, chunks(whole, 76)...)
		for phase := range 3 {
			if in := inner64(enc, v, phase); len(in) > minLen {
				all = append(all, in)
			}
		}
	}
	return all
}

// inner64 gives the characters that depend on v alone when v begins at byte
// position phase modulo 3 and something unknown stands before and after it.
func inner64(enc *base64.Encoding, v string, phase int) string {
	text := enc.EncodeToString([]byte("\x00\x00"[:phase] + v))
	first := []int{0, 2, 3}[phase]
	last := (phase + len(v)) * 8 / 6 // characters that are full with v's bits
	if last <= first {
		return ""
	}
	return text[first:last]
}

func chunks(s string, n int) []string {
	var all []string
	for len(s) > n {
		all = append(all, s[:n])
		s = s[n:]
	}
	if len(all) > 0 && len(s) >= minLine {
		all = append(all, s)
	}
	return all
}
