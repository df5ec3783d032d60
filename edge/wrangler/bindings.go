package wrangler

import (
	"cmp"
	"slices"
)

// kind is a kind of binding: where it stands in the file, and the API's words
// for its keys.
type kind struct {
	key    string
	typ    string
	name   string            // key that names it in the script
	fields map[string]string // the file's key → the API's
	needs  []string
	skip   []string // for wrangler's own machine
}

var listKinds = []kind{
	{key: "kv_namespaces", typ: "kv_namespace", name: "binding", fields: map[string]string{"id": "namespace_id"}, needs: []string{"id"}, skip: []string{"preview_id"}},
	{key: "r2_buckets", typ: "r2_bucket", name: "binding", fields: same("bucket_name", "jurisdiction"), needs: []string{"bucket_name"}, skip: []string{"preview_bucket_name"}},
	{key: "d1_databases", typ: "d1", name: "binding", fields: map[string]string{"database_id": "id"}, needs: []string{"database_id"}, skip: []string{"database_name", "preview_database_id", "migrations_dir", "migrations_table"}},
	{key: "services", typ: "service", name: "binding", fields: same("service", "environment", "entrypoint"), needs: []string{"service"}},
	{key: "hyperdrive", typ: "hyperdrive", name: "binding", fields: same("id"), needs: []string{"id"}, skip: []string{"localConnectionString"}},
	{key: "analytics_engine_datasets", typ: "analytics_engine", name: "binding", fields: same("dataset")},
	{key: "vectorize", typ: "vectorize", name: "binding", fields: same("index_name"), needs: []string{"index_name"}},
	{key: "mtls_certificates", typ: "mtls_certificate", name: "binding", fields: same("certificate_id"), needs: []string{"certificate_id"}},
	{key: "secrets_store_secrets", typ: "secrets_store_secret", name: "binding", fields: same("store_id", "secret_name"), needs: []string{"store_id", "secret_name"}},
	{key: "dispatch_namespaces", typ: "dispatch_namespace", name: "binding", fields: same("namespace"), needs: []string{"namespace"}},
	{key: "ratelimits", typ: "ratelimit", name: "name", fields: same("namespace_id", "simple"), needs: []string{"namespace_id", "simple"}},
}

var durableObjects = kind{key: "durable_objects.bindings", typ: "durable_object_namespace", name: "name", fields: same("class_name", "script_name", "environment"), needs: []string{"class_name"}}
var queueProducers = kind{key: "queues.producers", typ: "queue", name: "binding", fields: map[string]string{"queue": "queue_name", "delivery_delay": "delivery_delay"}, needs: []string{"queue"}}

func same(names ...string) map[string]string {
	m := map[string]string{}
	for _, n := range names {
		m[n] = n
	}
	return m
}

func (r *reader) bindings(s section) []map[string]any {
	b := &bindings{reader: r, lines: map[string]int{}}
	b.vars(s)
	for _, k := range listKinds {
		n, _ := s.get(k.key)
		b.list(n, k)
	}
	b.nested(s, "durable_objects", "bindings", durableObjects)
	b.nested(s, "queues", "producers", queueProducers)
	for _, key := range []string{"ai", "browser", "images", "version_metadata"} {
		if n, ok := s.get(key); ok {
			b.one(n, kind{key: key, typ: key, name: "binding"})
		}
	}
	slices.SortFunc(b.all, func(x, y map[string]any) int { return cmp.Compare(x["name"].(string), y["name"].(string)) })
	return b.all
}

type bindings struct {
	*reader
	all   []map[string]any
	lines map[string]int
}

func (b *bindings) add(line int, name string, fields map[string]any) {
	if was, ok := b.lines[name]; ok {
		b.say(line, "the binding %s stands in line %d, too", name, was)
		return
	}
	b.lines[name] = line
	fields["name"] = name
	b.all = append(b.all, fields)
}

// vars are texts, or anything else as JSON.
func (b *bindings) vars(s section) {
	n, ok := s.get("vars")
	if ok && n.table() == nil {
		b.say(n.line, "vars should be a table")
	}
	for _, k := range n.keys() {
		e := n.table()[k]
		if text, ok := e.value.(string); ok {
			b.add(e.line, k, map[string]any{"type": "plain_text", "text": text})
			continue
		}
		b.add(e.line, k, map[string]any{"type": "json", "json": e.plain()})
	}
}

// nested are lists one level down; what else stands there is refused.
func (b *bindings) nested(s section, outer, inner string, k kind) {
	n, _ := s.get(outer)
	b.tabled(n, outer)
	for _, key := range n.keys() {
		if key != inner {
			b.say(n.table()[key].line, "%s.%s %s", outer, key, byWrangler)
		}
	}
	b.list(n.table()[inner], k)
}

func (b *bindings) list(n node, k kind) {
	if n.value != nil && n.list() == nil {
		b.say(n.line, "%s should be a list of tables", k.key)
	}
	for _, e := range n.list() {
		b.one(e, k)
	}
}

func (b *bindings) one(n node, k kind) {
	t := n.table()
	name := t[k.name].text()
	if name == "" {
		b.say(n.line, "%s: %s is missing", k.key, k.name)
		return
	}
	fields := map[string]any{"type": k.typ}
	for _, key := range n.keys() {
		api, ok := k.fields[key]
		switch {
		case ok:
			fields[api] = t[key].plain()
		case key != k.name && !slices.Contains(k.skip, key):
			b.say(t[key].line, "unknown key: %s.%s", k.key, key)
		}
	}
	for _, key := range k.needs {
		if off(t[key]) || t[key].value == "" {
			b.say(n.line, "%s: %s is missing", k.key, key)
		}
	}
	b.add(n.line, name, fields)
}
