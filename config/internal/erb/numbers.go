package erb

import (
	"math"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

func (r *runner) intOperator(n node, op string, a int64, other any) (any, bool, error) {
	b, ok := other.(int64)
	if !ok {
		v, ok := floatOperator(op, float64(a), other)
		return v, ok, nil
	}
	if v, ok := compare(op, a, b); ok {
		return v, true, nil
	}
	if (op == "/" || op == "%") && b == 0 {
		return nil, false, r.raise(n, "divided by 0")
	}
	v, ok, over := arithmetic(op, a, b)
	if over {
		return nil, false, r.limitAt(n, "integer out of range")
	}
	return v, ok, nil
}

func compare[T int64 | float64 | string](op string, a, b T) (bool, bool) {
	switch op {
	case "<":
		return a < b, true
	case ">":
		return a > b, true
	case "<=":
		return a <= b, true
	case ">=":
		return a >= b, true
	}
	return false, false
}

// arithmetic rounds divisions down, as Ruby does.
func arithmetic(op string, a, b int64) (v int64, ok, over bool) {
	switch op {
	case "+":
		v = a + b
		return v, true, (v > a) != (b > 0)
	case "-":
		v = a - b
		return v, true, (v < a) != (b > 0)
	case "*":
		v = a * b
		return v, true, a != 0 && (v/a != b || a == -1 && b == math.MinInt64)
	case "/":
		v = a / b
		if a%b != 0 && (a < 0) != (b < 0) {
			v--
		}
		return v, true, a == math.MinInt64 && b == -1
	case "%":
		v = a % b
		if v != 0 && (v < 0) != (b < 0) {
			v += b
		}
		return v, true, false
	}
	return 0, false, false
}

func floatOperator(op string, a float64, other any) (any, bool) {
	b, _, ok := number(other)
	if !ok {
		return nil, false
	}
	if v, ok := compare(op, a, b); ok {
		return v, true
	}
	switch op {
	case "+":
		return a + b, true
	case "-":
		return a - b, true
	case "*":
		return a * b, true
	case "/":
		return a / b, true
	}
	return nil, false
}

func intMethod(name string, v int64, args []any) (any, bool) {
	if len(args) > 0 {
		return nil, false
	}
	switch name {
	case "to_i", "+@":
		return v, true
	case "to_f":
		return float64(v), true
	case "-@":
		return -v, v != math.MinInt64
	case "abs":
		return max(v, -v), v != math.MinInt64
	case "zero?":
		return v == 0, true
	case "positive?":
		return v > 0, true
	case "even?":
		return v%2 == 0, true
	case "odd?":
		return v%2 != 0, true
	}
	return nil, false
}

func floatMethod(name string, v float64, args []any) (any, bool) {
	if len(args) > 0 || math.Abs(v) > 1e15 || math.IsNaN(v) {
		return nil, false
	}
	switch name {
	case "to_f", "+@":
		return v, true
	case "-@":
		return -v, true
	case "to_i":
		return int64(v), true
	case "round":
		return int64(math.Round(v)), true
	case "floor":
		return int64(math.Floor(v)), true
	case "ceil":
		return int64(math.Ceil(v)), true
	}
	return nil, false
}

func nilMethod(name string, args []any) (any, bool) {
	if len(args) > 0 {
		return nil, false
	}
	switch name {
	case "to_i":
		return int64(0), true
	case "to_f":
		return 0.0, true
	case "to_a":
		return []any{}, true
	}
	return nil, false
}

// toI is Ruby's String#to_i: the digits at the start, else 0.
func toI(s string) (int64, bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	sign := ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, s = s[:1], s[1:]
	}
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '_' && end > 0 && s[end-1] != '_') {
		end++
	}
	digits := strings.TrimLeft(strings.ReplaceAll(s[:end], "_", ""), "0")
	if digits == "" {
		return 0, true
	}
	if len(digits) > 18 {
		return 0, false
	}
	n, err := psych.Scalar(sign + digits)
	if err != nil || n.Kind != psych.Int {
		return 0, false
	}
	return n.Int, true
}
