package kamal

import "strings"

// SSHCommand is what Kamal runs the ssh program with, for commands at a terminal.
type SSHCommand struct {
	User, Port   string
	Proxy        string // jump host, user@host; wins over ProxyCommand
	ProxyCommand string
	Keys         []string
	KeysOnly     bool
	ConfigFiles  []string
	ConfigOff    bool
}

// Line runs a command on a host at a terminal.
func (s SSHCommand) Line(host, command string) string {
	var b strings.Builder
	b.WriteString("ssh")
	for _, f := range s.ConfigFiles {
		b.WriteString(" -F " + f)
	}
	if s.ConfigOff {
		b.WriteString(" -F /dev/null")
	}
	switch {
	case s.Proxy != "":
		b.WriteString(" -J " + s.Proxy)
	case s.ProxyCommand != "":
		b.WriteString(" -o ProxyCommand='" + s.ProxyCommand + "'")
	}
	for _, k := range s.Keys {
		b.WriteString(" -i " + k)
	}
	if s.KeysOnly {
		b.WriteString(" -o IdentitiesOnly=yes")
	}
	b.WriteString(" -t " + s.User + "@" + host + " -p " + s.Port + " '" + strings.ReplaceAll(command, "'", `'\''`) + "'")
	return b.String()
}
