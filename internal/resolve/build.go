package resolve

import (
	"strconv"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// BuilderKind says where Kamal builds.
type BuilderKind string

// The kinds of builders.
const (
	LocalBuilder  BuilderKind = "local"
	RemoteBuilder BuilderKind = "remote"
	HybridBuilder BuilderKind = "hybrid"
	CloudBuilder  BuilderKind = "cloud"
	PackBuilder   BuilderKind = "pack"
)

// Arches splits the architectures into those that are built here and those that
// go to the remote builder. here is the operator's own; it counts only when a
// remote is set.
func Arches(b config.Builder, here string) (local, remote []string) {
	switch {
	case b.Remote == "" && b.Local:
		return b.Arches, nil
	case b.Remote == "":
		return nil, nil
	case !b.Local:
		return nil, b.Arches
	}
	for _, a := range b.Arches {
		if a == here {
			local = append(local, a)
		} else {
			remote = append(remote, a)
		}
	}
	return local, remote
}

// NeedsArch tells whether the operator's own architecture matters.
func NeedsArch(b config.Builder) bool { return b.Remote != "" && b.Local }

// Builder is the kind of builder and the name of its buildx instance; "" = the
// engine's own builder, or none.
func Builder(c *config.Config, here string) (BuilderKind, string) {
	b, localRegistry := c.Builder, c.Registry.Local
	local, remote := Arches(b, here)
	switch {
	case b.Remote != "" && len(remote) > 0 && len(local) > 0:
		return HybridBuilder, kamal.HybridBuilder(b.Driver, b.Remote, localRegistry)
	case b.Remote != "" && len(remote) > 0:
		return RemoteBuilder, kamal.RemoteBuilder(b.Remote, localRegistry)
	case b.Pack:
		return PackBuilder, ""
	case strings.HasPrefix(b.Driver, "cloud"):
		return CloudBuilder, kamal.CloudBuilder(b.Driver)
	}
	return LocalBuilder, kamal.LocalBuilder(b.Driver, localRegistry)
}

// RemoteName is the buildx instance that Kamal makes for builder.remote.
func RemoteName(c *config.Config) string {
	return kamal.RemoteBuilder(c.Builder.Remote, c.Registry.Local)
}

// Cache is where the builder's cache comes from and goes to.
func Cache(c *config.Config) kamal.CacheSpec {
	cache := c.Builder.Cache
	switch {
	case cache == nil:
		return kamal.CacheSpec{}
	case cache.Type == "gha":
		return kamal.GHACache(cache.Options)
	case cache.Type != "registry":
		return kamal.CacheSpec{}
	}
	return kamal.RegistryCache(cacheImage(c), cache.Options)
}

// cacheImage is the image that holds the cache of type registry.
func cacheImage(c *config.Config) string {
	image := c.Image + "-build-cache"
	if c.Builder.Cache != nil && c.Builder.Cache.Image != "" {
		image = c.Builder.Cache.Image
	}
	if c.Registry.ServerSet {
		return c.Registry.Server + "/" + image
	}
	return image
}

// Build are the options of a build.
func Build(c *config.Config) kamal.BuildSpec {
	b := c.Builder
	spec := kamal.BuildSpec{
		Cache: Cache(c), Service: c.Service, Args: Pairs(b.Args), Secrets: texts(b.Secrets), Dockerfile: b.Dockerfile, Target: b.Target,
		SSH: b.SSH, Provenance: b.Provenance,
	}
	if b.SBOM != nil {
		spec.SBOM = strconv.FormatBool(*b.SBOM)
	}
	return spec
}
