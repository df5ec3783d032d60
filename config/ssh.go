package config

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// ssh checks and builds the ssh section.
func (l *loader) ssh() {
	n := l.get("ssh")
	if n != nil {
		l.fields("ssh", n.Pos, n, sshSpec())
		for _, k := range items(n.Get("key_data")) {
			l.hideKey(k)
		}
	}
	l.cfg.SSH = sshOf(n)
	l.warnSSH(n)
}

// hideKey keeps a key that stands in the file out of messages; names of secrets
// may be shown.
func (l *loader) hideKey(n Value) {
	if strings.Contains(n.Text(), " ") {
		l.hide(n)
	}
}

func sshOf(n Value) SSH {
	s := SSH{
		User:         "root",
		Port:         "22",
		PortRaw:      n.Get("port"),
		ProxyCommand: textOr(n.Get("proxy_command"), ""),
		LogLevel:     "fatal",
		KeysOnly:     boolOf(n.Get("keys_only")),
		Keys:         words(n.Get("keys")),
		KeyData:      textList(n.Get("key_data")),
		ConfigRaw:    n.Get("config"),
		ForwardAgent: boolOf(n.Get("forward_agent")),
	}
	for key, field := range map[string]*string{"user": &s.User, "port": &s.Port, "log_level": &s.LogLevel} {
		if v := n.Get(key); v != nil {
			*field = v.Text()
		}
	}
	if proxy := textOr(n.Get("proxy"), ""); proxy != "" {
		s.Proxy, s.ProxyCommand = jumpHost(proxy), ""
	}
	s.ConfigOff, s.ConfigFiles = sshConfigOf(s.ConfigRaw)
	for _, p := range entries(n) {
		s.Set = append(s.Set, p.Key.KeyText())
	}
	return s
}

// jumpHost: the user of a jump host is root, whatever ssh/user is.
func jumpHost(proxy string) string {
	if strings.Contains(proxy, "@") {
		return proxy
	}
	return "root@" + proxy
}

func sshConfigOf(n Value) (off bool, files []string) {
	switch {
	case n == nil:
		return false, nil
	case n.Kind == psych.Bool:
		return !n.Bool, nil
	case n.Kind == psych.List:
		return false, words(n)
	}
	return false, []string{n.Text()}
}

func items(n Value) []Value {
	if n == nil {
		return nil
	}
	return n.Items
}
