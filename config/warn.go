package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// warnAll adds the warnings that need the whole configuration, and puts all in
// order.
func (l *loader) warnAll() {
	l.warnRepeated()
	l.warnRoot()
	l.warnTags()
	l.warnEnvs()
	for _, r := range l.cfg.Roles {
		path := "servers/" + r.Name
		l.warnShell(r.Cmd, path+"/cmd", wrapCommand)
		l.warnOptions(path, r.Options)
	}
	for i, v := range l.cfg.Volumes {
		l.warnShell(v, under("volumes", i), plainVolume)
	}
	l.fillLines(l.warnings)
	sortIssues(l.warnings)
	l.cfg.Warnings = l.warnings
}

// warnRepeated tells of values that are lost. A key that came from a merged map
// (`<<`) and is written again, or merged again, is meant.
func (l *loader) warnRepeated() {
	live := map[Value]bool{}
	var repeated, overlaid []Value
	walk(l.root, map[Value]bool{}, func(n Value) {
		for _, p := range n.Pairs {
			live[p.Key] = true
		}
		repeated, overlaid = append(repeated, n.Repeated...), append(overlaid, n.Overlaid...)
	})
	lost := func(keys []Value, how, hint string) {
		for _, key := range keys {
			if !live[key] {
				l.warn(Issue{Pos: key.Pos, Message: fmt.Sprintf("key %s is %s below; this value is lost", key.KeyText(), how), Hint: hint})
			}
		}
	}
	lost(repeated, "written again", "")
	lost(overlaid, "replaced by what << merges in", "move << above the keys that should win")
}

// walk visits each node once.
func walk(n Value, seen map[Value]bool, visit func(Value)) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	visit(n)
	for _, p := range n.Pairs {
		walk(p.Value, seen, visit)
	}
	for _, item := range n.Items {
		walk(item, seen, visit)
	}
}

func (l *loader) warnRoot() {
	for _, p := range entries(l.root.Get("labels")) {
		if p.Key.Kind == psych.String && reservedLabel(p.Key.Str) {
			l.remark(p.Key.Pos, "labels/"+p.Key.Str, "replaces a label by which containers are found; they will be lost to later commands", "use another name")
		}
	}
	if p := l.root.Pair("run_directory"); p != nil {
		l.remark(p.Key.Pos, "run_directory", "is ignored: the directory on the hosts is always .kamal", "remove it")
	}
	n := l.root.Get("hooks_output")
	if n.IsString() && n.Kind != psych.String && n.Kind != psych.Symbol {
		l.remark(n.Pos, "hooks_output", n.Text()+" means nothing", "write quiet or verbose")
	}
}

// warnChanged: an unquoted scalar that is no string reaches its place in another
// form than written.
func (l *loader) warnChanged(path string, v Value) {
	if v == nil || !v.Plain {
		return
	}
	switch v.Kind {
	case psych.Int, psych.Float, psych.Bool, psych.Symbol:
		switch text := v.Text(); {
		case text == v.Raw:
		case !strings.Contains(l.line(v.Pos), v.Raw): // from a template; may be a secret
			l.remark(v.Pos, path, "the value that the template gives here is read as a number or a boolean and changes", "put quotes around the tag")
		default:
			l.remark(v.Pos, path, fmt.Sprintf("unquoted %s is read as %s", v.Raw, text), fmt.Sprintf("quote it if %q is meant", v.Raw))
		}
	default:
	}
}

// warnKey: keys are resolved like values.
func (l *loader) warnKey(path string, key Value) {
	if key.Plain && key.KeyText() != key.Raw && key.Kind != psych.String {
		l.remark(key.Pos, path, fmt.Sprintf("unquoted key %s is read as %s", key.Raw, key.KeyText()), "quote it")
	}
}

var plainInt = regexp.MustCompile(`^[-+]?(0|[1-9][0-9_]*)$`)

// warnOddInt: 010 is eight, 1:30 is 5400.
func (l *loader) warnOddInt(path string, v Value) {
	if v.Plain && v.Raw != "" && !plainInt.MatchString(v.Raw) {
		l.remark(v.Pos, path, fmt.Sprintf("%s is read as %s", v.Raw, v.Text()), "write "+v.Text())
	}
}

// warnTags: tags that nothing defines and definitions that no host asks for.
func (l *loader) warnTags() {
	defined := entries(l.root.Lookup("env", "tags"))
	carried := map[string]bool{}
	for _, r := range l.cfg.Roles {
		for _, h := range r.Hosts {
			for _, t := range h.Tags {
				carried[t] = true
				l.warnUndefinedTag(h, t)
			}
		}
	}
	for _, p := range defined {
		path := "env/tags/" + p.Key.KeyText()
		switch {
		case p.Key.Kind != psych.String:
			l.remark(p.Key.Pos, path, "the tag is not text and never matches a host", "quote it")
		case !carried[p.Key.Str]:
			l.remark(p.Key.Pos, path, "no host carries this tag", "")
		}
	}
}

func (l *loader) warnUndefinedTag(h Host, tag string) {
	switch {
	case l.cfg.Env.Tags[tag] != nil || l.used[tag]:
	case l.root.Get("env") == nil:
		l.remark(h.Pos, "servers", fmt.Sprintf("host %s carries tag %s, but there is no env; Kamal stops at it at boot, here the tag is ignored", h.Name, tag), "define it in env/tags")
	default:
		l.remark(h.Pos, "servers", fmt.Sprintf("tag %s of host %s is not defined in env/tags and is ignored", tag, h.Name), nearestTag(tag, l.cfg.Env.Tags))
	}
}

func nearestTag(tag string, defined map[string]*Env) string {
	if near := nearest(tag, slices.Sorted(maps.Keys(defined))); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// warnOptions: --key without a value takes the next word as its value.
func (l *loader) warnOptions(path string, options []Pair) {
	for _, p := range options {
		v := p.Value
		if v.IsNull() || v.Kind == psych.String && v.Str == "" {
			l.remark(p.Pos, under(path, "options/"+p.Key), "is empty: docker takes the next word of the command as its value", "give a value, or true for an option without one")
		}
	}
}

var nameInContainer = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

func (l *loader) warnName(at Pos, path, what, name string) {
	if !nameInContainer.MatchString(name) {
		l.remark(at, path, fmt.Sprintf("%s name %q can't be part of a container's name", what, name), "use letters, digits, dots, hyphens and underscores")
	}
}

// warnShell: the text is not quoted, so the host's shell acts on what it knows.
func (l *loader) warnShell(t Text, path, hint string) {
	if op := shellOperator(t.Value); op != "" {
		l.remark(t.Pos, path, fmt.Sprintf("%s is acted on by the host's shell, not in the container", op), hint)
	}
}

const (
	wrapCommand = `wrap it: sh -c '…'`
	plainVolume = "write the path itself; $PWD, ~ and ${NAME} may stand in it"
)

// shellOperator finds the first operator outside quotes; inside double quotes only
// substitutions count.
func shellOperator(s string) string {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote == '\'':
			if c == '\'' {
				quote = 0
			}
		case c == '\\':
			i++
		case c == '`':
			return "`"
		case strings.HasPrefix(s[i:], "$("):
			return "$(…)"
		case c == '"':
			quote ^= '"'
		case quote == 0 && c == '\'':
			quote = '\''
		case quote == 0:
			if op := operatorAt(s[i:]); op != "" {
				return op
			}
		}
	}
	return ""
}

func operatorAt(s string) string {
	for _, op := range []string{"&&", "||", "|", ";", "&", ">", "<"} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}
