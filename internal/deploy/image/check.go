package image

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// Check refuses what Kamal can build and hwdeploy can't, each at its place. It
// asks nobody.
func (m *Maker) Check() error {
	b := m.Config.Builder
	var found []config.Issue
	refuse := func(key, text, hint string) { found = append(found, m.issue(key, text, hint)) }
	switch {
	case strings.HasPrefix(b.Driver, "cloud"):
		refuse("driver", "Docker Build Cloud is not supported", "use docker-container, with builder/remote for a machine of your own")
	case b.Driver != "docker" && b.Driver != "docker-container":
		refuse("driver", fmt.Sprintf("the driver %q is not supported", b.Driver), "use docker-container or docker")
	}
	if b.Pack {
		refuse("pack", "buildpacks are not supported", "write a Dockerfile")
	}
	if b.Cache != nil && b.Cache.Type == "gha" {
		refuse("cache", "the cache type gha is not supported", "use type registry; or none: a remote builder keeps its own cache")
	}
	if b.SBOM != nil && *b.SBOM {
		refuse("sbom", "SBOM scanners are not supported", "scan the image once it is in the registry")
	}
	if b.Remote != "" && !strings.HasPrefix(b.Remote, "ssh://") {
		refuse("remote", fmt.Sprintf("%q is no ssh:// address", b.Remote), "write ssh://user@host")
	}
	if len(b.Arches) > 1 {
		switch {
		case b.Remote != "" && b.Local && slices.Contains(b.Arches, runtime.GOARCH):
			refuse("arch", "building some platforms here and others on the remote (a hybrid builder) is not supported", "local: false builds all of them on the remote")
		case b.Driver == "docker":
			refuse("arch", "the docker driver makes one platform at a time, not "+strings.Join(b.Arches, " and "), "use docker-container")
		}
	}
	if len(found) > 0 {
		return &config.Errors{Issues: found}
	}
	return nil
}

func (m *Maker) issue(key, text, hint string) config.Issue {
	return issueAt(m.Config.Builder.At(key), key, text, hint)
}

func issueAt(pos config.Pos, key, text, hint string) config.Issue {
	path := "builder/" + key
	return config.Issue{Kind: config.OwnError, Pos: pos, Path: path, Message: path + ": " + text, Hint: hint}
}

func (m *Maker) mistake(key, text, hint string) error {
	return &config.Errors{Issues: []config.Issue{m.issue(key, text, hint)}}
}
