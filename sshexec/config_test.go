package sshexec

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// resolved renders what dialling would use, for tables.
func resolved(t *target) string {
	s := fmt.Sprintf("%s@%s:%d", t.user, t.host, t.port)
	if len(t.jumps) > 0 {
		s += " jump=" + strings.Join(t.jumps, ",")
	}
	if t.proxyCommand != "" {
		s += " command=" + t.proxyCommand
	}
	if !t.defaults && len(t.keyFiles) > 0 {
		s += " keys=" + strings.Join(t.keyFiles, ",")
	}
	if t.keysOnly {
		s += " only"
	}
	if t.strict == "yes" {
		s += " strict"
	}
	if t.timeout != 30*time.Second {
		s += " within " + t.timeout.String()
	}
	if t.hostKeyAs != "" {
		s += " alias=" + t.hostKeyAs
	}
	return s
}

func TestResolve(t *testing.T) {
	for _, tc := range []struct {
		name, config, host, want string
		o                        Options
		hop                      bool
	}{
		{name: "nothing", host: "web", want: "root@web:22"},
		{name: "user and port of ssh_config do not count", config: "Host web\n User other\n Port 2222\n HostName 10.0.0.1", host: "web", want: "root@10.0.0.1:22"},
		{name: "nor those of the address", host: "me@web:2222", want: "root@web:22"},
		{name: "options", o: Options{User: "deploy", Port: 2200}, host: "web", want: "deploy@web:2200"},
		{name: "whole: address", o: Options{WholeConfig: true}, config: "User other\nPort 2222", host: "ssh://me@web:2200", want: "me@web:2200"},
		{name: "whole: ssh_config", o: Options{WholeConfig: true}, config: "User other\nPort 2222", host: "ssh://web", want: "other@web:2222"},
		{name: "whole: local user", o: Options{WholeConfig: true, LocalUser: "ann"}, host: "web", want: "ann@web:22"},
		{name: "a hop reads all", config: "User other\nPort 2222", hop: true, host: "web", want: "other@web:2222"},
		{name: "IPv6", host: "fe80::1", want: "root@fe80::1:22"},
		{name: "IPv6 with a port", o: Options{WholeConfig: true}, host: "x@[::1]:23", want: "x@::1:23"},
		{name: "first value wins", config: "Host web\n HostName a\nHost *\n HostName b", host: "web", want: "root@a:22"},
		{name: "patterns", config: "Host *.example !db.example\n HostName x", host: "db.example", want: "root@db.example:22"},
		{name: "question mark", config: "Host web-?\n HostName x", host: "web-7", want: "root@x:22"},
		{name: "%h in HostName", config: "Host web\n HostName %h.example.com", host: "web", want: "root@web.example.com:22"},
		{name: "equals signs, case, comments", config: "hOST=web # note\n  HOSTNAME = x # more\n", host: "web", want: "root@x:22"},
		{name: "CRLF", config: "Host web\r\n HostName x\r\n", host: "web", want: "root@x:22"},
		{name: "tabs", config: "Host\tweb\n\tHostName\tx\n", host: "web", want: "root@x:22"},
		{name: "keys add up", config: "Host web\n IdentityFile a\nHost *\n IdentityFile ~/b", host: "web", want: "root@web:22 keys=a,HOME/b"},
		{name: "own keys replace them", o: Options{Keys: []string{"~/own"}}, config: "IdentityFile a", host: "web", want: "root@web:22 keys=HOME/own"},
		{name: "Match host", config: "Host web\n HostName 10.0.0.1\nMatch host 10.0.0.*\n IdentitiesOnly yes", host: "web", want: "root@10.0.0.1:22 only"},
		{name: "Match originalhost", config: "Match originalhost web,db\n HostName x", host: "db", want: "root@x:22"},
		{name: "Match negated", config: "Match !host web\n HostName x", host: "web", want: "root@web:22"},
		{name: "Match user", config: "Match user root host web\n HostName x", host: "web", want: "root@x:22"},
		{name: "Match all", config: "Host other\n HostName y\nMatch all\n HostName x", host: "web", want: "root@x:22"},
		{name: "Match exec is left out, the rest holds", config: "Match exec true\n HostName y\nHost web\n HostName x", host: "web", want: "root@x:22 warned"},
		{name: "Match tagged is left out", config: "Match tagged t\n HostName y", host: "web", want: "root@web:22 warned"},
		{name: "Include", config: "Include extra.conf\nHostName y", host: "web", want: "root@included:22"},
		{name: "Include is part of its block", config: "Host other\n Include extra.conf\nHost web\n HostName y", host: "web", want: "root@y:22"},
		{name: "Include of nothing", config: "Include no*such\nHostName y", host: "web", want: "root@y:22"},
		{name: "ProxyJump", config: "ProxyJump a,b@c:23", host: "web", want: "root@web:22 jump=a,b@c:23"},
		{name: "ProxyJump none", config: "Host web\n ProxyJump none\nHost *\n ProxyJump a", host: "web", want: "root@web:22"},
		{name: "ProxyCommand first", config: "ProxyCommand nc %h %p\nProxyJump a", host: "web", want: "root@web:22 command=nc %h %p"},
		{name: "ProxyJump first", config: "ProxyJump a\nProxyCommand nc %h %p", host: "web", want: "root@web:22 jump=a"},
		{name: "the option wins", o: Options{Proxy: "j"}, config: "ProxyCommand nc", host: "web", want: "root@web:22 jump=j"},
		{name: "the command option wins", o: Options{ProxyCommand: "c"}, config: "ProxyJump a", host: "web", want: "root@web:22 command=c"},
		{name: "a hop has no use for the option", o: Options{Proxy: "j"}, hop: true, host: "j", want: "root@j:22"},
		{name: "true and case as in ssh", config: "IdentitiesOnly True\nStrictHostKeyChecking Yes", host: "web", want: "root@web:22 only strict"},
		{name: "a time with units", config: "ConnectTimeout 1m30s", host: "web", want: "root@web:22 within 1m30s"},
		{name: "no time at all", config: "ConnectTimeout 0", host: "web", want: "root@web:22"},
		{name: "HostKeyAlias", config: "HostKeyAlias farm", host: "web", want: "root@web:22 alias=farm"},
		{name: "off", o: Options{ConfigOff: true}, config: "HostName x", host: "web", want: "root@web:22"},
		{name: "shell in a name", host: "web;rm", want: `cannot connect to web;rm: host "web;rm": a name cannot have these characters`},
		{name: "shell in a HostName", config: "HostName $(x)", host: "web", want: `cannot connect to web: host "$(x)": a name cannot have these characters`},
		{name: "an option as a name", host: "-oProxyCommand=x", want: `cannot connect to -oProxyCommand=x: host "-oProxyCommand=x": a name cannot have these characters`},
		{name: "bad port", o: Options{WholeConfig: true}, host: "web:http", want: `cannot connect to web:http: host "web:http": port "http" is not a number from 1 to 65535`},
		{name: "bad timeout", config: "ConnectTimeout soon", host: "web", want: `cannot connect to web: ssh_config: ConnectTimeout "soon" is not a number of seconds`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := tc.o
			o.HomeDir = t.TempDir()
			sshtest.WriteFile(t, filepath.Join(o.HomeDir, ".ssh", "config"), tc.config)
			sshtest.WriteFile(t, filepath.Join(o.HomeDir, ".ssh", "extra.conf"), "Host web\n HostName included\n")
			warned := false
			o.Warn = func(string) { warned = true }
			got := ""
			if target, err := New(o).resolve(tc.host, tc.hop); err != nil {
				got = err.Error()
			} else {
				got = strings.ReplaceAll(resolved(target), o.HomeDir, "HOME")
			}
			if warned {
				got += " warned"
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestIncludeLoop(t *testing.T) {
	home := t.TempDir()
	sshtest.WriteFile(t, filepath.Join(home, ".ssh", "config"), "Include config\n")
	if _, err := New(Options{HomeDir: home}).resolve("web", false); err == nil || !strings.Contains(err.Error(), "deeper than") {
		t.Error(err)
	}
}

func TestConfigFileMissing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none")
	if _, err := New(Options{ConfigFiles: []string{file}}).resolve("web", false); err == nil || !strings.Contains(err.Error(), file) {
		t.Error(err)
	}
}

// A chain that comes back to itself is refused before anything is dialled.
func TestWayBack(t *testing.T) {
	home := t.TempDir()
	sshtest.WriteFile(t, filepath.Join(home, ".ssh", "config"), "Host a\n ProxyJump b\nHost b\n ProxyJump c\nHost c\n ProxyJump a\n")
	d := New(Options{HomeDir: home})
	target, err := d.resolve("a", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.checkWay(target); err == nil || !strings.Contains(err.Error(), "through itself") {
		t.Error(err)
	}
}

// The line that names the process is taken out however the bytes arrive, and
// what login scripts print before it stays.
func TestPIDFilter(t *testing.T) {
	for _, tc := range []struct {
		in, out string
		pid     int
	}{
		{token + "123\n", "", 123},
		{token + "123\nerror\n", "error\n", 123},
		{"motd\n" + token + "123\nerror\n", "motd\nerror\n", 123},
		{"hwdeploy-\n" + token + "9\n" + token + "7\n", "hwdeploy-\n" + token + "7\n", 9},
		{"no such line", "no such line", 0},
		{"", "", 0},
		{"hwdeploy-proc", "hwdeploy-proc", 0},
		{token + "12", token + "12", 0},
		{token + "abc\nrest", "rest", 0},
		{token + "1\nrest", "rest", 0}, // never init
	} {
		for size := 1; size <= len(tc.in)+1; size++ {
			var out strings.Builder
			pid := 0
			f := &pidFilter{token: []byte(token), to: &out, found: func(p int) { pid = p }}
			for in := tc.in; in != ""; {
				n := min(size, len(in))
				if _, err := f.Write([]byte(in[:n])); err != nil {
					t.Fatal(err)
				}
				in = in[n:]
			}
			f.flush()
			if out.String() != tc.out || pid != tc.pid {
				t.Errorf("%q by %d: %q, %d", tc.in, size, out.String(), pid)
			}
		}
	}
}

// A variable's value is taken as it is, and not looked at again.
func TestVariables(t *testing.T) {
	env := func(name string) string { return map[string]string{"A": "${A}/${B}", "B": "b"}[name] }
	for text, want := range map[string]string{"${A}-${B}": "${A}/${B}-b", "$A ${B": "$A ${B", "${}x": "x", "": ""} {
		if got := expandVars(text, env); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
