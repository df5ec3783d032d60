package wrangler

import (
	"regexp"
	"strings"
)

var scriptName = regexp.MustCompile(`^[a-z0-9_][a-z0-9-_]*$`)

func (r *reader) worker(s section) *Worker {
	w := &Worker{Name: r.name(s), Account: r.str(s, "account_id"), Main: r.str(s, "main"), KeepVars: r.flag(s, "keep_vars", false)}
	if w.Main == "" {
		r.say(0, "main is missing: the file that the script begins with")
	}
	w.Metadata = r.metadata(s)
	w.Bindings = r.bindings(s)
	w.Routes = r.routes(s)
	w.WorkersDev = r.flag(s, "workers_dev", len(w.Routes) == 0)
	w.PreviewURLs = r.flag(s, "preview_urls", w.WorkersDev)
	w.Crons = r.crons(s)
	w.Bundle = Bundle{
		Define: r.pairs(s, "define"), Alias: r.pairs(s, "alias"), Minify: r.flag(s, "minify", false), KeepNames: r.flag(s, "keep_names", true),
		TSConfig: r.str(s, "tsconfig"), JSXFactory: r.str(s, "jsx_factory"), JSXFragment: r.str(s, "jsx_fragment"), Rules: r.rules(s),
	}
	return w
}

// name is the script's: an environment without its own has the top level's with
// its own behind it.
func (r *reader) name(s section) string {
	n, ok := s.get("name")
	if !ok {
		r.say(0, "name is missing")
		return ""
	}
	name := n.text()
	if _, own := s.env["name"]; s.name != "" && !own {
		name += "-" + s.name
	}
	if !scriptName.MatchString(name) {
		r.say(n.line, "name %q should have small letters, digits, - and _ only", name)
	}
	return name
}

var date = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// metadata is what the upload takes as the file has it.
func (r *reader) metadata(s section) map[string]any {
	m := map[string]any{}
	for _, k := range []string{"placement", "limits", "observability", "logpush", "tail_consumers"} {
		if n, ok := s.get(k); ok {
			m[k] = n.plain()
		}
	}
	d, ok := s.get("compatibility_date")
	text := d.text()
	if d, ok := d.value.(interface{ String() string }); ok {
		text = d.String() // TOML has dates without quotes
	}
	switch {
	case !ok:
		r.say(0, "compatibility_date is missing; without one the runtime is that of 2021")
	case !date.MatchString(text):
		r.say(d.line, "compatibility_date should be a date such as 2026-01-31")
	}
	m["compatibility_date"] = text
	if n, ok := s.get("compatibility_flags"); ok {
		m["compatibility_flags"] = r.strings(n, "compatibility_flags")
		for _, f := range n.list() {
			if strings.HasPrefix(f.text(), "nodejs_compat") {
				r.say(f.line, "%s needs polyfills that only wrangler has; deploy this Worker with wrangler", f.text())
			}
		}
	}
	return m
}

func (r *reader) crons(s section) []string {
	n, ok := s.get("triggers")
	if !ok {
		return nil
	}
	r.tabled(n, "triggers")
	for _, k := range n.keys() {
		if k != "crons" {
			r.say(n.table()[k].line, "unknown key: triggers.%s", k)
		}
	}
	if c, ok := n.table()["crons"]; ok {
		return r.strings(c, "triggers.crons")
	}
	return nil
}

// routes reads route and routes, each a pattern or a table.
func (r *reader) routes(s section) []Route {
	var all []Route
	if n, ok := s.get("route"); ok {
		all = append(all, r.route(n, "route"))
	}
	n, ok := s.get("routes")
	if ok && n.list() == nil {
		r.say(n.line, "routes should be a list")
	}
	for _, e := range n.list() {
		all = append(all, r.route(e, "routes"))
	}
	return all
}

func (r *reader) route(n node, key string) Route {
	if pattern, ok := n.value.(string); ok {
		return Route{Pattern: pattern}
	}
	t := n.table()
	x := Route{Pattern: t["pattern"].text(), ZoneID: t["zone_id"].text(), CustomDomain: t["custom_domain"].value == true}
	for _, k := range n.keys() {
		switch k {
		case "pattern", "zone_id", "zone_name", "custom_domain":
		default:
			r.say(t[k].line, "unknown key: %s.%s", key, k)
		}
	}
	switch {
	case x.Pattern == "":
		r.say(n.line, "%s: a pattern is missing", key)
	case x.CustomDomain && strings.ContainsAny(x.Pattern, "/*"):
		r.say(n.line, "%s: a custom domain is a host alone: %s", key, x.Pattern)
	}
	return x
}

// rules are the file's, and behind them wrangler's own. A second rule of a type
// counts only when the first has fallthrough.
func (r *reader) rules(s section) []Rule {
	n, _ := s.get("rules")
	if n.value != nil && n.list() == nil {
		r.say(n.line, "rules should be a list of tables")
	}
	var all []Rule
	closed := map[string]bool{}
	add := func(x Rule, open bool) {
		if !closed[x.Type] {
			all = append(all, x)
		}
		closed[x.Type] = closed[x.Type] || !open
	}
	for _, e := range n.list() {
		t := e.table()
		x := Rule{Type: t["type"].text(), Globs: r.strings(t["globs"], "rules.globs")}
		switch x.Type {
		case "Text", "Data", "CompiledWasm":
			add(x, t["fallthrough"].value == true)
		case "ESModule", "CommonJS": // what the bundler does anyway
		default:
			r.say(e.line, "rules: type %q is not served here: Text, Data, CompiledWasm", x.Type)
		}
	}
	add(Rule{"Text", []string{"**/*.txt", "**/*.html", "**/*.sql"}}, false)
	add(Rule{"Data", []string{"**/*.bin"}}, false)
	add(Rule{"CompiledWasm", []string{"**/*.wasm", "**/*.wasm?module"}}, false)
	return all
}
