package config

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

func (l *loader) isText(path string, at Pos, v Value) {
	if l.is(v.IsString(), path, at, "should be a string") {
		l.warnChanged(path, v)
	}
}

func (l *loader) isInt(path string, at Pos, v Value) {
	if l.is(v.Kind == psych.Int, path, at, "should be an integer") {
		l.warnOddInt(path, v)
	}
}

func (l *loader) isTexts(path string, at Pos, v Value) {
	if !l.is(v.Kind == psych.List, path, at, "should be an array") {
		return
	}
	for i, item := range v.Items {
		l.isText(under(path, i), or(item.Pos, at), item)
	}
}

func (l *loader) isTextMap(path string, at Pos, v Value) {
	if !l.is(v.Kind == psych.Map, path, at, "should be a hash") {
		return
	}
	for _, p := range v.Pairs {
		l.warnKey(path, p.Key)
		l.isText(under(path, p.Key.KeyText()), place(p), p.Value)
	}
}

// isAnyMap takes values of any kind, but for maps, and lists outside options:
// Kamal writes those in Ruby's notation, which no program reads. The options of a
// log driver may be lists: docker hands any text on to the driver.
func (l *loader) isAnyMap(path string, at Pos, v Value) {
	if !l.is(v.Kind == psych.Map, path, at, "should be a hash") {
		return
	}
	lists := strings.HasSuffix(path, "/options")
	for _, p := range v.Pairs {
		here := under(path, p.Key.KeyText())
		l.warnKey(path, p.Key)
		if p.Value.Kind == psych.Map || p.Value.Kind == psych.List && !lists && len(p.Value.Items) > 0 {
			l.own(place(p), here, "a list or map can't be passed as a value", "write a single value")
			continue
		}
		if len(p.Value.Items) > 0 && strings.HasSuffix(path, "logging/options") {
			l.remark(place(p), here, "the list reaches docker as one text in Ruby's notation", "write one text, with commas")
		}
		l.warnChanged(here, p.Value)
		for i, item := range p.Value.Items {
			if item.Kind == psych.Map || item.Kind == psych.List {
				l.own(item.Pos, under(here, i), "a list or map can't be passed as a value", "write a single value")
			}
			l.warnChanged(under(here, i), item)
		}
	}
}

// isHosts checks a list of host entries: text, or a map of one host to its tags.
func (l *loader) isHosts(path string, at Pos, v Value) {
	if !l.is(v != nil && v.Kind == psych.List, path, at, "should be an array") {
		return
	}
	for i, item := range v.Items {
		here, pos := under(path, i), or(item.Pos, at)
		switch {
		case item.Kind == psych.Map && len(item.Pairs) != 1:
			l.say(pos, here, "multiple hosts found")
		case item.Kind == psych.Map:
			l.isHostTags(under(here, item.Pairs[0].Key.KeyText()), item.Pairs[0])
		default:
			l.is(item.IsString(), here, pos, "should be a string or a hash")
		}
	}
}

func (l *loader) isHostTags(path string, p psych.Pair) {
	if p.Value.Kind == psych.List {
		l.isTexts(path, place(p), p.Value)
		return
	}
	l.is(p.Value.IsString(), path, place(p), "should be a string or an array")
}

func (l *loader) isOneOrMore(path string, at Pos, v Value) {
	ok := v.IsString()
	if v.Kind == psych.List {
		ok = true
		for _, item := range v.Items {
			ok = ok && item.IsString()
		}
	}
	l.is(ok, path, at, "should be an array or a string")
}

func (l *loader) isSSHConfig(path string, at Pos, v Value) {
	if v.Kind == psych.List {
		l.isTexts(path, at, v)
		return
	}
	l.is(v.Kind == psych.Bool || v.Kind == psych.String, path, at, "should be a boolean or a string or an array")
}

func (l *loader) isHooksOutput(path string, at Pos, v Value) {
	if v.Kind != psych.Map {
		l.is(v.IsString(), path, at, "should be a string or a symbol")
		return
	}
	for _, p := range v.Pairs {
		l.is(p.Value.IsString(), under(path, p.Key.KeyText()), place(p), "should be a string or a symbol")
	}
}

// isPaths checks files and directories of an accessory.
func (l *loader) isPaths(path string, at Pos, v Value) {
	if !l.is(v.Kind == psych.List, path, at, "should be an array") {
		return
	}
	for i, item := range v.Items {
		here := under(path, i)
		if item.Kind != psych.Map {
			l.is(item.IsString(), here, or(item.Pos, at), "should be a string or a hash")
			continue
		}
		l.pathKeys(here, item)
	}
}

func (l *loader) pathKeys(path string, n Value) {
	specs := pathSpec("")
	for _, s := range specs {
		if p := n.Pair(s.key); p != nil {
			l.isText(under(path, s.key), place(*p), p.Value)
		}
	}
	for _, p := range n.Pairs {
		if find(specs, p.Key.Str) == nil {
			l.remark(p.Key.Pos, under(path, p.Key.KeyText()), "unknown key, which is ignored", hintFor(path, p.Key.KeyText(), keysOf(specs), true))
		}
	}
}

func or(pos, other Pos) Pos {
	if pos.Line == 0 {
		return other
	}
	return pos
}
