package psych

import (
	"math"
	"strconv"
	"strings"
)

// Text gives the value as Ruby's to_s: integers in decimal, floats with at least
// one decimal, symbols without colon, null as "". Lists and maps give JSON.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	switch n.Kind {
	case Null:
		return ""
	case Bool:
		return strconv.FormatBool(n.Bool)
	case Int:
		return n.intText()
	case Float:
		return FloatText(n.Float)
	case List, Map:
		return n.JSON()
	case String, Symbol, Time, Date:
	}
	return n.Str
}

func (n *Node) intText() string {
	if n.Str != "" {
		return n.Str
	}
	return strconv.FormatInt(n.Int, 10)
}

// FloatText is Ruby's text of a float: the shortest digits that read back as the
// same number, at least one decimal, scientific below 0.0001 and from 1e16.
func FloatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	if a := math.Abs(f); a >= 1e-4 && a < 1e16 {
		return withDecimal(strconv.FormatFloat(f, 'f', -1, 64))
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	return withDecimal(mantissa) + "e" + exponent
}

func withDecimal(s string) string {
	if strings.Contains(s, ".") {
		return s
	}
	return s + ".0"
}
