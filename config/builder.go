package config

import "github.com/warmlyyours/hwdeploy/config/internal/psych"

// builder checks and builds the builder section. It is needed, since arch is.
func (l *loader) builder() {
	n, at := l.get("builder"), l.root.Pos
	if p := l.root.Pair("builder"); p != nil {
		at = p.Key.Pos
	}
	if n != nil {
		l.fields("builder", at, n, builderSpec())
	}
	if n != nil || l.root.Get("builder") == nil {
		l.builderRules(at, n)
	}
	l.cfg.Builder = builderOf(n)
	l.cfg.Builder.Pos = at
	l.warnBuilder(n)
}

func (l *loader) builderRules(at Pos, n Value) {
	if kind := n.Lookup("cache", "type"); kind.Truthy() && (kind.Kind != psych.String || kind.Str != "gha" && kind.Str != "registry") {
		l.sayHint(kind.Pos, "builder", "Invalid cache type: "+kind.Text(), "use gha or registry")
	}
	arch := n.Get("arch")
	if arch.Blank() {
		l.sayHint(at, "builder", "Builder arch not set", "write arch: amd64, or arm64")
	}
	if n.Get("pack").Truthy() && arch != nil && arch.Kind == psych.List && len(arch.Items) > 1 {
		l.say(arch.Pos, "builder", "buildpacks only support building for one arch")
	}
	if local := n.Get("local"); local != nil && local.Kind == psych.Bool && !local.Bool && n.Get("remote").Blank() {
		l.say(local.Pos, "builder", "Cannot disable local builds, no remote is set")
	}
}

func builderOf(n Value) Builder {
	return Builder{
		Arches:     oneOrMore(n.Get("arch")),
		Remote:     textOr(n.Get("remote"), ""),
		Local:      boolOrTrue(n.Get("local")),
		Driver:     driverOf(n.Get("driver")),
		Pack:       mapOf(n.Get("pack")) != nil,
		Cache:      cacheOf(mapOf(n.Get("cache"))),
		Context:    textOr(n.Get("context"), "."),
		ContextSet: n.Get("context") != nil,
		Dockerfile: textOr(n.Get("dockerfile"), "Dockerfile"),
		Target:     n.Get("target").Text(),
		Args:       pairsOf(mapOf(n.Get("args"))),
		Secrets:    textList(n.Get("secrets")),
		SSH:        n.Get("ssh").Text(),
		Provenance: n.Get("provenance").Text(),
		SBOM:       boolOf(n.Get("sbom")),
		keys:       keyPlaces(n),
	}
}

func keyPlaces(n Value) map[string]Pos {
	out := map[string]Pos{}
	for _, p := range entries(n) {
		out[p.Key.KeyText()] = p.Key.Pos
	}
	return out
}

func oneOrMore(n Value) []string {
	if n == nil || n.Kind == psych.List {
		return words(n)
	}
	return []string{n.Text()}
}

func driverOf(n Value) string {
	if n == nil {
		return "docker-container"
	}
	return n.Text()
}

func cacheOf(n Value) *Cache {
	if n == nil {
		return nil
	}
	return &Cache{Type: textOr(n.Get("type"), ""), Options: n.Get("options").Text(), Image: n.Get("image").Text()}
}
