package image

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/registry"
)

// dockerfile makes sure that the Dockerfile is there before anything else is
// done. As with Kamal it is looked for in the working tree.
func (m *Maker) dockerfile(r build.Request) error {
	if r.Remote() {
		return nil
	}
	_, err := os.Stat(r.DockerfilePath())
	if errors.Is(err, fs.ErrNotExist) {
		return m.mistake("dockerfile", "Missing "+m.Config.Builder.Dockerfile, "write one, or name another in builder/dockerfile")
	}
	return err
}

// inputs is the key that stands for all inputs of the build; "" when nothing
// does: then the build is made.
func (j *job) inputs(ctx context.Context) (string, error) {
	r := j.request
	rev, why, err := j.revision(ctx, r)
	if err != nil {
		return "", err
	}
	if rev == "" {
		j.say("built in any case: %s", why)
		return "", nil
	}
	text, err := os.ReadFile(r.DockerfilePath())
	if err != nil {
		return "", err
	}
	rule := "clone"
	if j.Config.Builder.ContextSet {
		rule = filepath.Clean(r.Context)
	}
	return build.Key(build.Inputs{
		Revision: rev, Context: rule + "\x00" + filepath.Clean(r.Dockerfile), Dockerfile: text, Target: r.Target,
		Platforms: r.Platforms, Args: r.Args, Labels: r.Labels, Secrets: r.Secrets, Provenance: r.Provenance,
		Repository: j.Config.Repository(),
	})
}

// there gives REPO:V when the registry has it under the key, too; no digest =
// build. latest is moved there if it is elsewhere.
func (j *job) there(ctx context.Context) (Made, error) {
	if j.o.Force || j.o.NoCache || j.key == "" {
		return Made{}, nil
	}
	tags := []string{j.o.Version, j.key, j.Config.LatestTag()}
	digests := make([]string, len(tags))
	g, gctx := errgroup.WithContext(ctx)
	for i, tag := range tags {
		g.Go(func() (err error) {
			digests[i], err = j.access.Client.Digest(gctx, j.Config.Repository()+":"+tag)
			return err
		})
	}
	err := g.Wait()
	switch {
	case hidden(err):
		return Made{}, nil
	case err != nil || digests[0] == "" || digests[0] != digests[1]:
		return Made{}, err
	}
	ref := j.Config.Repository() + "@" + digests[0]
	list, err := j.access.Client.CheckService(ctx, ref, j.Config.Service)
	if err == nil && digests[2] != digests[0] {
		err = j.access.Client.Tag(ctx, ref, tags[2])
	}
	return Of(digests[0], list), err
}

// hidden tells of a 403, which is how some registries answer for what is not there;
// whether the credentials are good for a push is asked before the build.
func hidden(err error) bool {
	var auth *registry.AuthError
	return errors.As(err, &auth) && auth.Status == http.StatusForbidden
}
