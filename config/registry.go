package config

import (
	"regexp"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// localServer is Kamal's test for a registry on this machine; the dollar stands
// for itself.
var localServer = regexp.MustCompile(`(?m)^localhost[:$]`)

// LocalAddress is where Kamal's local registry listens, here and behind a forward
// on each host: "127.0.0.1:5555"; "" = the registry is another.
func (r Registry) LocalAddress() string {
	if !r.Local {
		return ""
	}
	return "127.0.0.1:" + r.Server[strings.LastIndexByte(r.Server, ':')+1:]
}

// registry checks and builds the registry section of parent. path is that of the
// section.
func (l *loader) registry(path string, parent Value) Registry {
	at, n := parent.Pos, Value(nil)
	if p := parent.Pair("registry"); p != nil {
		at, n = p.Key.Pos, mapOf(p.Value)
		if n == nil {
			return Registry{Pos: at}
		}
		l.fields(path, at, n, registrySpec())
	}
	r := Registry{Pos: at}
	if server := n.Get("server"); server != nil {
		if server.Kind != psych.String && server.Kind != psych.Symbol {
			if server.IsString() {
				l.own(or(server.Pos, at), under(path, "server"), "the server must be text", "quote it")
			}
			return r
		}
		r.Server, r.ServerSet = server.Text(), true
	}
	r.Local = localServer.MatchString(r.Server)
	r.Username = l.credential(under(path, "username"), at, n.Pair("username"), r.Local)
	r.Password = l.credential(under(path, "password"), at, n.Pair("password"), r.Local)
	return r
}

// credential: text, or a list with the name of a secret. A local registry needs
// none, checks none and uses none, such as those that a base file has for another.
func (l *loader) credential(path string, at Pos, p *psych.Pair, local bool) Credential {
	var v Value
	if p != nil {
		at, v = place(*p), p.Value
		if v.IsString() && p.Key.Str == "password" {
			l.hide(v) // stands in the file; messages show the line
		}
	}
	one := v != nil && v.Kind == psych.List && len(v.Items) == 1 && v.Items[0].Kind == psych.String
	switch {
	case local:
	case one:
		return Credential{Secret: v.Items[0].Str, Pos: v.Items[0].Pos}
	case v != nil && v.Kind == psych.String && !v.Blank():
		return Credential{Literal: v.Str, Pos: v.Pos}
	case v.Blank():
		name := strings.ToUpper(path[strings.LastIndexByte(path, '/')+1:])
		l.sayHint(at, path, "is required", "write a list with the name of a secret: [KAMAL_REGISTRY_"+name+"]")
	default:
		l.sayHint(at, path, "should be a string or an array with one string (for secret lookup)", "quote it, or better write a list with the name of a secret")
	}
	return Credential{}
}
