package psych

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	reTime = regexp.MustCompile(`^(-?\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|\s+)(\d{1,2}):(\d\d):(\d\d)(?:\.\d*)?(?:\s*(Z|[-+]\d{1,2}:?(?:\d\d)?))?$`)
	reDate = regexp.MustCompile(`^(\d{4})-(1[012]|0\d|\d)-([12]\d|3[01]|0\d|\d)$`)
	reZone = regexp.MustCompile(`^([-+])(\d{1,2}):?(\d{1,2})?$`)
)

// resolveTime sets Str to Ruby's text of the time. A time without a zone counts
// as UTC: Ruby would use the machine's zone, and a result that depends on the
// machine is of no use to a deploy.
func resolveTime(n *Node) bool {
	m := reTime.FindStringSubmatch(n.Str)
	if m == nil {
		return false
	}
	v := numbers(m[1:7])
	month, day, hour, minute, second := v[1], v[2], v[3], v[4], v[5]
	bad := month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60
	if bad || hour == 24 && (minute > 0 || second > 0) {
		return false
	}
	loc, name := zone(m[7])
	t := time.Date(v[0], time.Month(month), day, hour, minute, second, 0, loc)
	n.Kind = Time
	n.Str = fmt.Sprintf("%04d", t.Year()) + t.Format("-01-02 15:04:05 ") + name(t)
	return true
}

func zone(text string) (*time.Location, func(time.Time) string) {
	offset := func(t time.Time) string { return t.Format("-0700") }
	if text == "Z" {
		return time.UTC, func(time.Time) string { return "UTC" }
	}
	m := reZone.FindStringSubmatch(text)
	if m == nil {
		return time.UTC, offset
	}
	v := numbers(m[2:4])
	seconds := v[0]*3600 + v[1]*60
	if m[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), offset
}

// resolveDate sets Str to YYYY-MM-DD; a day that the month lacks leaves a string.
func resolveDate(n *Node) bool {
	m := reDate.FindStringSubmatch(n.Str)
	if m == nil {
		return false
	}
	v := numbers(m[1:4])
	t := time.Date(v[0], time.Month(v[1]), v[2], 0, 0, 0, 0, time.UTC)
	if t.Day() != v[2] || int(t.Month()) != v[1] {
		return false
	}
	n.Kind = Date
	n.Str = fmt.Sprintf("%04d-%02d-%02d", v[0], v[1], v[2])
	return true
}

// numbers reads short runs of digits; an empty one is 0.
func numbers(parts []string) []int {
	out := make([]int, len(parts))
	for i, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		v, err := strconv.Atoi(p)
		if err != nil {
			v = -1 // the expressions above allow at most four digits
		}
		out[i] = v
	}
	return out
}
