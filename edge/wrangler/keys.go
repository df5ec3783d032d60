package wrangler

import "fmt"

// rule says what is done with a key of the file.
type rule struct {
	alone bool   // an environment does not inherit it
	top   bool   // at the top level only
	why   string // why it is refused, with what to do; "" = it is served
}

const (
	byWrangler = "is not served here; deploy this Worker with wrangler"
	noModules  = "is not served here: the script is always bundled"
)

// keys are all keys that wrangler knows.
var keys = map[string]rule{
	"name": {}, "account_id": {}, "main": {}, "compatibility_date": {}, "compatibility_flags": {},
	"workers_dev": {}, "preview_urls": {}, "route": {}, "routes": {}, "triggers": {}, "rules": {},
	"tsconfig": {}, "jsx_factory": {}, "jsx_fragment": {}, "minify": {}, "keep_names": {},
	"logpush": {}, "placement": {}, "limits": {}, "observability": {},
	"find_additional_modules": {why: noModules}, "preserve_file_names": {why: noModules}, "base_dir": {why: noModules}, "no_bundle": {why: noModules},
	"upload_source_maps": {why: "is not served here yet; leave it out"},
	"build":              {why: "is not served here: run the command before the deploy, and let main name its result"},
	"migrations":         {why: byWrangler}, "exports": {why: byWrangler}, "assets": {why: byWrangler}, "cache": {why: byWrangler},

	"define": {alone: true}, "vars": {alone: true}, "kv_namespaces": {alone: true}, "r2_buckets": {alone: true}, "d1_databases": {alone: true},
	"services": {alone: true}, "durable_objects": {alone: true}, "queues": {alone: true}, "hyperdrive": {alone: true},
	"analytics_engine_datasets": {alone: true}, "vectorize": {alone: true}, "ai": {alone: true}, "browser": {alone: true}, "images": {alone: true},
	"version_metadata": {alone: true}, "mtls_certificates": {alone: true}, "dispatch_namespaces": {alone: true}, "secrets_store_secrets": {alone: true},
	"ratelimits": {alone: true}, "tail_consumers": {alone: true},
	"workflows": {alone: true, why: byWrangler}, "containers": {alone: true, why: byWrangler}, "pipelines": {alone: true, why: byWrangler},
	"send_email": {alone: true, why: byWrangler}, "secrets": {alone: true, why: byWrangler}, "unsafe": {alone: true, why: byWrangler},
	"streaming_tail_consumers": {alone: true, why: byWrangler},

	"alias": {top: true}, "keep_vars": {top: true}, "env": {top: true},
	"dev": {top: true}, "send_metrics": {top: true}, "$schema": {top: true}, // wrangler's own machine: passed over
	"site": {top: true, why: byWrangler}, "wasm_modules": {top: true, why: "is the old form: import the module"},
	"text_blobs": {top: true, why: "is the old form: import the file"}, "data_blobs": {top: true, why: "is the old form: import the file"},
}

// checkKeys refuses unknown keys everywhere, and unserved ones where they count.
func (r *reader) checkKeys(root node, s section) {
	r.known(root, "", func(k string) bool { _, ok := s.env[k]; return !ok && (s.name == "" || !keys[k].alone) })
	envs := root.table()["env"]
	for _, name := range envs.keys() {
		r.known(envs.table()[name], "env."+name+".", func(string) bool { return name == s.name })
	}
}

func (r *reader) known(n node, prefix string, counts func(string) bool) {
	for _, k := range n.keys() {
		line := n.table()[k].line
		switch rule, ok := keys[k]; {
		case !ok:
			r.say(line, "unknown key: %s%s", prefix, k)
		case rule.top && prefix != "":
			r.say(line, "%s%s: %s stands at the top level only", prefix, k, k)
		case rule.why != "" && counts(k) && !off(n.table()[k]):
			r.say(line, "%s%s %s", prefix, k, rule.why)
		}
	}
}

// off tells that a key asks for nothing: false, or an empty list or table.
func off(n node) bool {
	return n.value == false || n.value == nil || n.list() != nil && len(n.list()) == 0 || n.table() != nil && len(n.table()) == 0
}

// The kinds of values.

func (r *reader) str(s section, key string) string {
	n, ok := s.get(key)
	if _, is := n.value.(string); ok && !is {
		r.say(n.line, "%s should be a text", key)
	}
	return n.text()
}

func (r *reader) flag(s section, key string, def bool) bool {
	n, ok := s.get(key)
	if !ok {
		return def
	}
	b, is := n.value.(bool)
	if !is {
		r.say(n.line, "%s should be true or false", key)
	}
	return b
}

// tabled refuses what is no table, where only a table has what is looked for.
func (r *reader) tabled(n node, key string) {
	if n.value != nil && n.table() == nil {
		r.say(n.line, "%s should be a table", key)
	}
}

func (r *reader) strings(n node, key string) []string {
	out := []string{}
	list, ok := n.value.([]node)
	if !ok {
		r.say(n.line, "%s should be a list of texts", key)
	}
	for i, e := range list {
		if _, ok := e.value.(string); !ok {
			r.say(e.line, "%s should be a text", fmt.Sprintf("%s[%d]", key, i))
		}
		out = append(out, e.text())
	}
	return out
}

func (r *reader) pairs(s section, key string) map[string]string {
	n, ok := s.get(key)
	if ok && n.table() == nil {
		r.say(n.line, "%s should be a table", key)
	}
	out := map[string]string{}
	for _, k := range n.keys() {
		e := n.table()[k]
		if _, ok := e.value.(string); !ok {
			r.say(e.line, "%s.%s should be a text", key, k)
		}
		out[k] = e.text()
	}
	return out
}
