package config

import (
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

func under(path string, key any) string {
	if path == "" {
		return fmt.Sprint(key)
	}
	return fmt.Sprintf("%s/%v", path, key)
}

// say adds a mistake whose text stands behind its path, as Kamal writes it.
func (l *loader) say(at Pos, path, text string) { l.sayHint(at, path, text, "") }

func (l *loader) sayHint(at Pos, path, text, hint string) {
	i := Issue{Pos: at, Path: path, Message: text, Hint: hint}
	if path != "" {
		i.Message = path + ": " + text
	}
	if path == extensionKey || strings.HasPrefix(path, extensionKey+"/") {
		i.Kind = OwnError
	}
	l.fail(i)
}

// own adds a mistake where Kamal has no words: it crashes there.
func (l *loader) own(at Pos, path, text, hint string) {
	l.fail(Issue{Kind: OwnError, Pos: at, Path: path, Message: path + ": " + text, Hint: hint})
}

func (l *loader) remark(at Pos, path, text, hint string) {
	l.warn(Issue{Pos: at, Path: path, Message: path + ": " + text, Hint: hint})
}

// place is where a value stands: of its key when there is no value.
func place(p psych.Pair) Pos {
	if p.Value.IsNull() || p.Value.Pos.Line == 0 {
		return p.Key.Pos
	}
	return p.Value.Pos
}

// fields checks a map against its keys: unknown ones first, then the shape of
// each in file order. False: it is no map.
func (l *loader) fields(path string, at Pos, n Value, specs []spec) bool {
	if n == nil || n.Kind != psych.Map {
		l.say(at, path, "should be a hash")
		return false
	}
	l.unknown(path, n, specs)
	for _, p := range n.Pairs {
		if s := known(path, p.Key, specs); s != nil {
			l.shape(under(path, s.key), p, s)
		}
	}
	return true
}

// known gives the spec of a key. Root keys are symbols by now, others must be
// plain strings.
func known(path string, key Value, specs []spec) *spec {
	if key.Kind == psych.String || path == "" && key.Kind == psych.Symbol {
		return find(specs, key.Str)
	}
	return nil
}

func (l *loader) unknown(path string, n Value, specs []spec) {
	var names []string
	var keys []Value
	for _, p := range n.Pairs {
		if path == "" && strings.HasPrefix(p.Key.KeyText(), "x-") || known(path, p.Key, specs) != nil {
			continue
		}
		keys = append(keys, p.Key)
		names = append(names, p.Key.KeyText())
	}
	for i, key := range keys {
		text := "unknown key: " + names[i]
		if i == 0 && len(keys) > 1 {
			text = "unknown keys: " + strings.Join(names, ", ")
		}
		l.sayHint(key.Pos, path, text, hintFor(path, names[i], keysOf(specs), i == 0))
	}
}

// shape checks the shape of one value. Sections are only looked at from outside.
func (l *loader) shape(path string, p psych.Pair, s *spec) {
	at, v := place(p), p.Value
	switch s.want {
	case wantText:
		l.isText(path, at, v)
	case wantInt:
		l.isInt(path, at, v)
	case wantBool:
		l.is(v.Kind == psych.Bool, path, at, "should be a boolean")
	case wantTexts:
		l.isTexts(path, at, v)
	case wantTextMap:
		l.isTextMap(path, at, v)
	case wantAnyMap:
		l.isAnyMap(path, at, v)
	case wantSection, wantEnv, wantEntries, wantAliases:
		later := path == "proxy" && v.Kind == psych.Bool // refused later, as by Kamal
		l.is(v.Kind == psych.Map || later, path, at, "should be a hash")
	case wantServers:
		l.is(v.Kind == psych.Map || v.Kind == psych.List, path, at, "should be an array or a hash")
	case wantProxy:
		l.is(v.Kind == psych.Map || v.Kind == psych.Bool, path, at, "should be a hash")
	case wantFields:
		l.fields(path, at, v, s.of)
	default:
		l.special(path, at, v, s)
	}
	if len(s.enum) > 0 && strings.HasPrefix(path, extensionKey) {
		l.isWord(path, at, v, s.enum)
	}
}

func (l *loader) special(path string, at Pos, v Value, s *spec) {
	switch s.want {
	case wantHosts:
		l.isHosts(path, at, v)
	case wantOneOrMore:
		l.isOneOrMore(path, at, v)
	case wantSSHConfig:
		l.isSSHConfig(path, at, v)
	case wantSSL:
		l.is(v.Kind == psych.Map || v.Kind == psych.Bool, path, at, "should be a boolean or a hash")
	case wantHooksOutput:
		l.isHooksOutput(path, at, v)
	case wantPaths:
		l.isPaths(path, at, v)
	case wantOff:
		l.isOff(path, at, v, s.of)
	case wantSpan:
		l.isSpan(path, at, v)
	case wantSecret:
		l.isSecret(path, at, v)
	case wantSecrets:
		if l.is(v.Kind == psych.List, path, at, "should be an array") {
			for i, item := range v.Items {
				l.isSecret(under(path, i), item.Pos, item)
			}
		}
	default: // wantCredential: registry.go; the others in shape
	}
}

func (l *loader) is(ok bool, path string, at Pos, text string) bool {
	if !ok {
		l.say(at, path, text)
	}
	return ok
}
