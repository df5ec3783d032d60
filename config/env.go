package config

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// rootEnv checks and builds the root's env. Roles and accessories do theirs.
func (l *loader) rootEnv() {
	n := l.get("env")
	l.checkEnv("env", n, true)
	l.cfg.Env = envOf(n)
}

// checkEnv: a map of variables, or clear, secret and tags and nothing else.
func (l *loader) checkEnv(path string, n Value, root bool) {
	if n == nil {
		return
	}
	if !structured(n) {
		l.isTextMap(path, n.Pos, n)
		return
	}
	l.unknown(path, n, envSpec(true))
	if p := n.Pair("clear"); p != nil {
		l.isTextMap(under(path, "clear"), place(*p), p.Value)
	}
	if p := n.Pair("secret"); p != nil {
		l.isTexts(under(path, "secret"), place(*p), p.Value)
	}
	if p := n.Pair("tags"); p != nil {
		l.checkTags(path, *p, root)
	}
}

func (l *loader) checkTags(path string, p psych.Pair, root bool) {
	if !root {
		l.say(p.Key.Pos, path, "tags are only allowed in the root env")
		return
	}
	path = under(path, "tags")
	if !l.is(p.Value.Kind == psych.Map, path, place(p), "should be a hash") {
		return
	}
	for _, tag := range p.Value.Pairs {
		here := under(path, tag.Key.KeyText())
		if l.is(tag.Value.Kind == psych.Map, here, place(tag), "should be a hash") {
			l.checkEnv(here, tag.Value, false)
		}
	}
}

// structured tells that an env is written with clear, secret or tags.
func structured(n Value) bool {
	for _, s := range envSpec(true) {
		if p := n.Pair(s.key); p != nil && p.Key.Kind == psych.String {
			return true
		}
	}
	return false
}

func envOf(n Value) Env {
	if mapOf(n) == nil {
		return Env{}
	}
	if !structured(n) {
		return Env{Clear: pairsOf(n)}
	}
	e := Env{Clear: pairsOf(mapOf(n.Get("clear"))), Secret: textList(n.Get("secret"))}
	e.Tags = tagsOf(mapOf(n.Get("tags")))
	return e
}

// tagsOf leaves out tags whose name is a number or a boolean: hosts' tags are
// compared as text and never match them.
func tagsOf(n Value) map[string]*Env {
	if n == nil {
		return nil
	}
	tags := map[string]*Env{}
	for _, p := range n.Pairs {
		if p.Key.Kind == psych.String {
			e := envOf(p.Value)
			tags[p.Key.Str] = &e
		}
	}
	return tags
}

// cutSecret splits "NAME:SOURCE" at the first colon; without one the variable and
// the secret have the same name.
func cutSecret(t Text) SecretRef {
	name, source, ok := strings.Cut(t.Value, ":")
	if !ok {
		source = name
	}
	return SecretRef{Name: name, Source: source, Pos: t.Pos}
}
