package build

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward/sshprovider"
	"github.com/tonistiigi/fsutil"
)

// Result is a finished build.
type Result struct {
	// ImageID is the engine's id of the image ("sha256:…"); engines only.
	ImageID string
	// Digest is that of the manifest or index; daemons only.
	Digest string
}

// Build runs one build to its end. Errors: *MissingError, *BuildError,
// *LostError.
func (b *Builder) Build(ctx context.Context, r Request) (Result, error) {
	if err := r.check(b.engine); err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	opt, err := r.options(b.engine)
	if err != nil {
		return Result{}, err
	}
	for name, dir := range opt.LocalMounts {
		opt.LocalMounts[name] = strict{dir, cancel}
	}
	w := newWatcher(r.Progress)
	status := make(chan *client.SolveStatus)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for s := range status {
			w.see(s)
		}
	}()
	resp, err := b.client.Solve(ctx, nil, opt, status) // closes status
	<-watched
	if err != nil {
		return Result{}, b.explain(ctx, err, w)
	}
	if r.Output.Export != nil {
		return Result{}, nil
	}
	return b.result(resp)
}

func (b *Builder) result(resp *client.SolveResponse) (Result, error) {
	// An engine 20.10 calls the image's id a digest.
	digest := resp.ExporterResponse[exptypes.ExporterImageDigestKey]
	if digest == "" {
		return Result{}, errors.New("the builder did not tell the image's digest")
	}
	if !b.engine {
		return Result{Digest: digest}, nil
	}
	if config := resp.ExporterResponse[exptypes.ExporterImageConfigDigestKey]; config != "" {
		digest = config
	}
	return Result{ImageID: digest}, nil
}

// options translates the request. Names of frontend attributes are those of
// BuildKit's dockerfile.v0.
func (r *Request) options(engine bool) (client.SolveOpt, error) {
	attrs := map[string]string{"filename": filepath.Base(r.DockerfilePath())}
	set(attrs, "target", r.Target)
	set(attrs, "platform", strings.Join(r.Platforms, ","))
	for _, a := range r.Args {
		attrs["build-arg:"+a.Name] = a.Value
	}
	for k, v := range r.Labels {
		attrs["label:"+k] = v
	}
	if r.NoCache {
		attrs["no-cache"] = ""
	}
	if mode, ok := r.provenance(); ok {
		attrs["attest:provenance"] = mode
	}
	attach, err := r.attachables()
	if err != nil {
		return client.SolveOpt{}, err
	}
	opt := client.SolveOpt{
		Frontend: "dockerfile.v0", FrontendAttrs: attrs, SharedKey: r.SharedKey, Session: attach,
		Exports:      []client.ExportEntry{r.export(engine)},
		CacheImports: caches(r.CacheFrom), CacheExports: caches(r.CacheTo),
	}
	if r.Remote() {
		attrs["context"] = r.Context
		attrs["filename"] = cmp.Or(r.Dockerfile, "Dockerfile")
		return opt, nil
	}
	return opt, r.local(&opt)
}

func set(m map[string]string, key, value string) {
	if value != "" {
		m[key] = value
	}
}

// local gives the builder the files here. The Dockerfile goes along with the
// request, but for a provenance, which tells where it came from; it can be fetched
// all the same, by a frontend (# syntax=) that is too old for that.
func (r *Request) local(opt *client.SolveOpt) error {
	context, err := fsutil.NewFS(r.context())
	if err != nil {
		return err
	}
	dockerfile, err := fsutil.NewFS(filepath.Dir(r.DockerfilePath()))
	if err != nil {
		return err
	}
	opt.LocalMounts = map[string]fsutil.FS{"context": context, "dockerfile": dockerfile}
	if _, ok := r.provenance(); ok {
		return nil
	}
	state, err := r.definition()
	opt.FrontendInputs = map[string]llb.State{"dockerfile": state}
	return err
}

// definition holds the Dockerfile with the ignore file that counts. To fetch the
// two, BuildKit would ask twice, in three round trips each, before it asks for
// the context.
func (r *Request) definition() (llb.State, error) {
	dockerfile, err := os.ReadFile(r.DockerfilePath())
	if err != nil {
		return llb.State{}, err
	}
	ignore, err := r.ignoreFile()
	if err != nil {
		return llb.State{}, err
	}
	name := filepath.Base(r.DockerfilePath())
	ignore = append(ignore, '\n') // one that is empty would count as missing
	files := llb.Mkfile(name, 0o644, dockerfile).Mkfile(name+".dockerignore", 0o644, ignore)
	return llb.Scratch().File(files, llb.WithCustomName("[internal] load build definition from "+name), llb.LinuxAmd64), nil
}

func (r *Request) provenance() (string, bool) {
	switch r.Provenance {
	case "", "false":
		return "", false
	case "true":
		return "", true // BuildKit's default mode
	default:
		return r.Provenance, true
	}
}

func (r *Request) export(engine bool) client.ExportEntry {
	attrs := map[string]string{"name": strings.Join(r.Output.Names, ",")}
	if e := r.Output.Export; e != nil {
		return e.entry(attrs)
	}
	if engine {
		return client.ExportEntry{Type: "moby", Attrs: attrs}
	}
	attrs["oci-mediatypes"] = "true"
	if r.Output.Push {
		attrs["push"] = "true"
	}
	if r.Output.ByDigest {
		attrs["push-by-digest"] = "true"
	}
	if r.Output.Insecure {
		attrs["registry.insecure"] = "true"
	}
	return client.ExportEntry{Type: client.ExporterImage, Attrs: attrs}
}

func (e *Export) entry(attrs map[string]string) client.ExportEntry {
	if e.Type == client.ExporterLocal {
		return client.ExportEntry{Type: e.Type, Attrs: e.Attrs, OutputDir: e.Dir}
	}
	maps.Copy(attrs, e.Attrs)
	return client.ExportEntry{Type: e.Type, Attrs: attrs, Output: func(map[string]string) (io.WriteCloser, error) { return e.Open() }}
}

func caches(list []Cache) []client.CacheOptionsEntry {
	var out []client.CacheOptionsEntry
	for _, c := range list {
		out = append(out, client.CacheOptionsEntry{Type: c.Type, Attrs: c.Attrs})
	}
	return out
}

// attachables are what the builder may ask of us while it works.
func (r *Request) attachables() ([]session.Attachable, error) {
	values := make(map[string][]byte, len(r.Secrets))
	for id, s := range r.Secrets {
		values[id] = []byte(s.Reveal())
	}
	auth, err := newAuth(r.Auth)
	if err != nil {
		return nil, err
	}
	list := []session.Attachable{secretsprovider.FromMap(values), auth}
	if len(r.SSH) == 0 {
		return list, nil
	}
	var agents []sshprovider.AgentConfig
	for _, s := range r.SSH {
		agents = append(agents, sshprovider.AgentConfig{ID: s.ID, Paths: s.Paths})
	}
	ssh, err := sshprovider.NewSSHAgentProvider(agents)
	if err != nil {
		return nil, err
	}
	return append(list, ssh), nil
}
