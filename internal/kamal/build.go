package kamal

import "strings"

// BuildSpec are the options that a build section sets, in the words of
// `docker buildx build`.
type BuildSpec struct {
	Cache      CacheSpec
	Service    string
	Args       []Pair
	Secrets    []string // names
	Dockerfile string
	Target     string
	SSH        string
	Provenance string
	SBOM       string // "true", "false" or ""
}

// CacheSpec is where a build's cache comes from and goes to; "" = none.
type CacheSpec struct{ From, To string }

// RegistryCache keeps the cache in an image of the registry.
func RegistryCache(image, options string) CacheSpec {
	from := "type=registry,ref=" + image
	to := from
	if options != "" {
		to += "," + options
	}
	return CacheSpec{From: from, To: to}
}

// GHACache keeps the cache at GitHub Actions; only some options are for reading.
func GHACache(options string) CacheSpec {
	to, from := "type=gha", "type=gha"
	if options != "" {
		to += "," + options
	}
	for o := range strings.SplitSeq(options, ",") {
		name, _, found := strings.Cut(o, "=")
		switch name {
		case "url", "url_v2", "token", "scope", "timeout":
			if found {
				from += "," + o
			}
		}
	}
	return CacheSpec{From: from, To: to}
}

// OptionArgs are the options as Kamal orders them, between its tags and --no-cache.
func (s BuildSpec) OptionArgs() []string {
	var out []string
	if s.Cache.To != "" {
		out = append(out, "--cache-to", s.Cache.To, "--cache-from", s.Cache.From)
	}
	out = append(out, Argumentize("--label", []Pair{{Key: "service", Value: Text(s.Service)}})...)
	out = append(out, Argumentize("--build-arg", s.Args)...)
	for _, name := range s.Secrets {
		out = append(out, Argumentize("--secret", []Pair{{Key: "id", Value: Text(name)}})...)
	}
	out = append(out, "--file", s.Dockerfile)
	for _, o := range []EnvVar{{"--target", s.Target}, {"--ssh", s.SSH}, {"--provenance", s.Provenance}, {"--sbom", s.SBOM}} {
		if o.Value != "" {
			out = append(out, o.Name, o.Value)
		}
	}
	return out
}

// The names of buildx instances that Kamal makes. localRegistry: the registry is
// on the operator's machine.

// LocalBuilder builds on the operator's machine; "" for the driver docker.
func LocalBuilder(driver string, localRegistry bool) string {
	switch {
	case driver == "docker":
		return ""
	case localRegistry:
		return "kamal-local-registry-" + driver
	}
	return "kamal-local-" + driver
}

// RemoteBuilder builds on a remote engine.
func RemoteBuilder(remote string, localRegistry bool) string {
	return "kamal-remote-" + remoteSuffix(remote, localRegistry)
}

// HybridBuilder builds some platforms here and others on a remote engine.
func HybridBuilder(driver, remote string, localRegistry bool) string {
	return "kamal-hybrid-" + driver + "-" + remoteSuffix(remote, localRegistry)
}

// CloudBuilder is an instance of Docker Build Cloud.
func CloudBuilder(driver string) string {
	return strings.NewReplacer(" ", "-", "/", "-").Replace(driver)
}

func remoteSuffix(remote string, localRegistry bool) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '-'
	}, remote)
	if localRegistry {
		name += "-local-registry"
	}
	return name
}
