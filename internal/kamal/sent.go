package kamal

import "strings"

// Sent is the text that reaches the host for a line: `/usr/bin/env ` stands in
// front unless the first word is one of a few. Kamal's log and its traces in
// process lists show lines in this form.
func Sent(line string) string {
	first, _, _ := strings.Cut(line, " ")
	switch first {
	case "docker", "if", "test", "time", "exec":
		return line
	}
	return "/usr/bin/env " + line
}
