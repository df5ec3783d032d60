package config

import (
	"math/big"
	"regexp"
	"strings"
)

// rubyVersion is a version as RubyGems compares them: numbers and words; a word
// makes a pre-release, which comes before the release.
// See https://guides.rubygems.org/specification-reference/ and Gem::Version.
type rubyVersion []string

var (
	versionPattern = regexp.MustCompile(`\A\s*([0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?)?\s*\z`)
	versionPart    = regexp.MustCompile(`[0-9]+|[a-zA-Z]+`)
)

func parseVersion(s string) (rubyVersion, bool) {
	if !versionPattern.MatchString(s) {
		return nil, false
	}
	s = strings.ReplaceAll(strings.TrimSpace(s), "-", ".pre.")
	if s == "" {
		s = "0"
	}
	return versionPart.FindAllString(s, -1), true
}

// compare gives a number below, at or above 0.
func (v rubyVersion) compare(w rubyVersion) int {
	for i := range max(len(v), len(w)) {
		if d := compareParts(v.part(i), w.part(i)); d != 0 {
			return d
		}
	}
	return 0
}

// part is "0" after the end, so that 2.12 equals 2.12.0.
func (v rubyVersion) part(i int) string {
	if i < len(v) {
		return v[i]
	}
	return "0"
}

func compareParts(a, b string) int {
	x, aNumber := new(big.Int).SetString(a, 10)
	y, bNumber := new(big.Int).SetString(b, 10)
	switch {
	case aNumber && bNumber:
		return x.Cmp(y)
	case aNumber:
		return 1
	case bNumber:
		return -1
	}
	return strings.Compare(a, b)
}
