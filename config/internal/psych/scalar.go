package psych

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNumberLen bounds the digits of a number; longer ones are refused, since
// turning text into a big number takes quadratic time.
const maxNumberLen = 4096

var errNotFloat = errors.New("looks like a number but has no digits; quote it")

var errLongNumber = errors.New("number with too many digits; quote it if it is text")

var (
	reBase60Int   = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}$`)
	reBase60Float = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}\.[0-9_]*$`)
	reFloat       = regexp.MustCompile(`^[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][-+][0-9]+)?$`)
	reBinary      = regexp.MustCompile(`^[-+]?0b[_,]*[01][01_,]*$`)
	reOctal       = regexp.MustCompile(`^[-+]?0[_,]*[0-7][0-7_,]*$`)
	reDecimal     = regexp.MustCompile(`^[-+]?(0|[1-9]([0-9]|,[0-9]|_[0-9])*)$`)
	reHex         = regexp.MustCompile(`^[-+]?0x[_,]*[0-9a-fA-F][0-9a-fA-F_,]*$`)
)

// Scalar resolves the text of a plain scalar. Errors are the cases in which
// Ruby would raise. The node carries no position.
func Scalar(text string) (*Node, error) {
	n := &Node{Kind: String, Str: text, Raw: text, Plain: true}
	if text == "" {
		n.Kind = Null
		return n, nil
	}
	if looksLikeWord(text) {
		resolveWord(n)
		return n, nil
	}
	if resolveTime(n) || resolveDate(n) || resolveSpecialFloat(n) || resolveSymbol(n) {
		return n, nil
	}
	return n, resolveNumber(n)
}

// wordChars are the characters, besides letters and white space, that make a
// text no number when they open it.
const wordChars = "_!@#$%^&*(){}<>|/\\~;="

func isWordChar(r rune) bool {
	return unicode.IsLetter(r) || unicode.Is(unicode.M, r) || strings.ContainsRune(" \t\r\n\f\v", r) ||
		strings.ContainsRune(wordChars, r)
}

// looksLikeWord tells that text is a string, a null or a boolean: it opens with
// a word character, perhaps after one other that is no digit, dot, colon or
// minus, or it holds a line break.
func looksLikeWord(text string) bool {
	if strings.Contains(text, "\n") {
		return true
	}
	first, size := utf8.DecodeRuneInString(text)
	if isWordChar(first) {
		return true
	}
	if first >= '0' && first <= '9' || strings.ContainsRune(".:-", first) || size == len(text) {
		return false
	}
	second, _ := utf8.DecodeRuneInString(text[size:])
	return isWordChar(second)
}

func resolveWord(n *Node) {
	if utf8.RuneCountInString(n.Str) > 5 {
		return
	}
	switch strings.ToLower(n.Str) {
	case "~", "null":
		n.Kind, n.Str = Null, ""
	case "yes", "true", "on":
		n.Kind, n.Str, n.Bool = Bool, "", true
	case "no", "false", "off":
		n.Kind, n.Str = Bool, ""
	}
}

func resolveSpecialFloat(n *Node) bool {
	switch strings.ToLower(n.Str) {
	case ".inf", "+.inf":
		n.Float = math.Inf(1)
	case "-.inf":
		n.Float = math.Inf(-1)
	case ".nan":
		n.Float = math.NaN()
	default:
		return false
	}
	n.Kind, n.Str = Float, ""
	return true
}

// resolveSymbol: `:word` and `:"word"`; a colon alone stays a string.
func resolveSymbol(n *Node) bool {
	if len(n.Str) < 2 || n.Str[0] != ':' {
		return false
	}
	n.Kind = Symbol
	text := n.Str[1:]
	if q := text[0]; q == '"' || q == '\'' {
		if end := strings.LastIndexByte(text, q); end > 0 {
			n.Str = strings.TrimPrefix(text[1:end], ":")
			return true
		}
	}
	n.Str = text
	return true
}

func resolveNumber(n *Node) error {
	text := n.Str
	if c := text[0]; !strings.ContainsRune("+-.0123456789", rune(c)) {
		return nil
	}
	if len(text) > maxNumberLen {
		return longNumber(text)
	}
	switch {
	case reBase60Int.MatchString(text):
		setInt(n, base60Int(text))
	case reBase60Float.MatchString(text):
		setFloat(n, base60Float(text))
	case reFloat.MatchString(text):
		return resolveFloat(n)
	default:
		if i := parseInt(text); i != nil {
			setInt(n, i)
		}
	}
	return nil
}

// longNumber refuses a text of number characters only; others are strings.
func longNumber(text string) error {
	if strings.Trim(text, "+-.,_:0123456789abcdefABCDEFx") == "" {
		return errLongNumber
	}
	return nil
}

func parseInt(text string) *big.Int {
	base := 0
	switch {
	case reBinary.MatchString(text), reHex.MatchString(text):
	case reOctal.MatchString(text):
		base = 8
	case reDecimal.MatchString(text):
		base = 10
	default:
		return nil
	}
	i, ok := new(big.Int).SetString(ungroup(text), base)
	if !ok {
		return nil
	}
	return i
}

func resolveFloat(n *Node) error {
	digits := ungroup(n.Str)
	mantissa, exponent := digits, ""
	if at := strings.IndexAny(digits, "eE"); at >= 0 {
		mantissa, exponent = digits[:at], digits[at:]
	}
	mantissa = strings.TrimSuffix(mantissa, ".")
	if mantissa == "" || mantissa == "+" || mantissa == "-" {
		if exponent == "" {
			return nil // a dot alone is text
		}
		return errNotFloat
	}
	// A range error still gives the infinity or zero that Ruby gives.
	f, err := strconv.ParseFloat(mantissa+exponent, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return errNotFloat
	}
	setFloat(n, f)
	return nil
}

func ungroup(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ',' || r == '_' {
			return -1
		}
		return r
	}, text)
}

// base60Int reads `a:b` as hours and minutes and `a:b:c` with seconds. Only the
// first part carries the sign, as in Ruby.
func base60Int(text string) *big.Int {
	sum := new(big.Int)
	for i, part := range strings.Split(text, ":") {
		v, ok := new(big.Int).SetString(rubyDigits(part), 10)
		if !ok {
			continue
		}
		sum.Add(sum, v.Mul(v, big.NewInt(weights[i])))
	}
	return sum
}

func base60Float(text string) float64 {
	sum := 0.0
	for i, part := range strings.Split(text, ":") {
		// rubyDigits leaves only text that ParseFloat takes; out of range
		// gives an infinity, as in Ruby.
		whole, fraction, _ := strings.Cut(part, ".")
		digits := rubyDigits(whole)
		if f := rubyDigits(fraction); f != "" && digits == whole {
			digits += "." + f
		}
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			continue
		}
		sum += v * float64(weights[i])
	}
	return sum
}

// weights are the seconds of the parts of a base-60 number.
var weights = [3]int64{3600, 60, 1}

// rubyDigits keeps what Ruby's to_i reads: digits up to a repeated or trailing
// underscore.
func rubyDigits(part string) string {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] == '_' {
			if i+1 == len(part) || part[i+1] == '_' || i == 0 {
				break
			}
			continue
		}
		b.WriteByte(part[i])
	}
	return b.String()
}

func setInt(n *Node, i *big.Int) {
	n.Kind, n.Str = Int, ""
	if i.IsInt64() {
		n.Int = i.Int64()
		return
	}
	n.Str = i.String()
	n.Int = math.MaxInt64
	if i.Sign() < 0 {
		n.Int = math.MinInt64
	}
}

func setFloat(n *Node, f float64) {
	n.Kind, n.Str, n.Float = Float, "", f
}
