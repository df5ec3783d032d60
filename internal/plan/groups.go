package plan

import (
	"fmt"
	"strconv"
	"strings"
)

// groups cuts the hosts into boot groups. limit is empty (one group), a number,
// or "p%" of all hosts of the configuration (total), rounded down, at least 1,
// as Kamal counts.
func groups(hosts []string, limit string, total int) ([][]string, error) {
	n := len(hosts)
	if limit != "" {
		var err error
		if n, err = groupSize(limit, total); err != nil {
			return nil, err
		}
	}
	var out [][]string
	for len(hosts) > 0 {
		k := min(n, len(hosts))
		out = append(out, hosts[:k])
		hosts = hosts[k:]
	}
	return out, nil
}

func groupSize(limit string, total int) (int, error) {
	text, percent := strings.CutSuffix(strings.TrimSpace(limit), "%")
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 || (!percent && n == 0) {
		return 0, fmt.Errorf("boot/limit: %q is neither a number of hosts above 0 nor a percentage like 25%%", limit)
	}
	if percent {
		return max(1, total*n/100), nil
	}
	return n, nil
}
