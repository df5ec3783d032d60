package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/lab/appsignal"
	"github.com/warmlyyours/hwdeploy/lab/db"
)

// Everything that a lab owns carries two labels: the lab's name, and a hash of
// the repository's path, so that two checkouts on one machine don't collide.
const (
	label     = "hwdeploy.lab"
	labelRoot = "hwdeploy.lab.root"
)

// Lab is a lab that is up.
type Lab struct {
	Name   string
	Subnet string // "172.28.0.0/24"
	Hosts  []*Host
	// Registry is reachable under one address from here and from all hosts.
	Registry *Registry
	// DB is the database of the sample application; DB.URL works everywhere.
	DB *db.Client
	// S3 is the bucket service, reachable under one address from everywhere.
	S3 *S3
	// AppSignal is where the stand-in for AppSignal answers, everywhere.
	AppSignal string

	Dir        string // the state folder, ROOT/.lab/NAME
	Key        string // file: private key of root and deploy
	SSHConfig  string // file: where the host names lead, with which key
	KnownHosts string // file: host keys, by name and address
	RootfsTar  string // file: what the sample application's Dockerfile adds

	root    string // hash of the repository's path
	builder *builder

	serviceImage string
	unlock       func()

	baseOnce sync.Once
	base     v1.Layer // of the sample application's images
	baseErr  error
}

// Host gives the host of that name; asking for one that isn't there is a
// mistake in the caller.
func (l *Lab) Host(name string) *Host {
	for _, h := range l.Hosts {
		if h.Name == name {
			return h
		}
	}
	panic("no lab host " + name)
}

// Up brings a lab up, or joins what an earlier run of that name left. When it
// returns every host takes logins, its engine answers and has the proxy's image.
// The first run builds images, which takes minutes; later ones take seconds.
func Up(ctx context.Context, o Options) (*Lab, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	b, err := newBuilder(o)
	if err != nil {
		return nil, err
	}
	if err := b.ensureEngine(ctx); err != nil {
		return nil, err
	}
	p, err := b.build(ctx)
	if err != nil {
		return nil, err
	}
	l := &Lab{Name: o.Name, Dir: filepath.Join(b.stateRoot, o.Name), RootfsTar: p.rootfsTar, root: rootHash(o.Root), builder: b, serviceImage: p.serviceImage}
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the lab's state folder: %w", err)
	}
	unlock, err := b.lock(ctx, filepath.Join(b.stateRoot, o.Name+".lock"))
	if err != nil {
		return nil, err
	}
	l.unlock = unlock // kept: a lock file that nobody refers to is closed some day
	if !o.Hold {
		defer unlock()
	}
	if err := l.start(ctx, o, p); err != nil {
		return nil, fmt.Errorf("bring up lab %s: %w", l.Name, err)
	}
	o.Log(fmt.Sprintf("lab %s is up: %d hosts (%.1f s)", l.Name, len(l.Hosts), time.Since(start).Seconds()))
	return l, nil
}

func (l *Lab) start(ctx context.Context, o Options, p parts) error {
	if err := l.makeKey(); err != nil {
		return err
	}
	if err := l.ensureNetwork(ctx); err != nil {
		return err
	}
	user, password, err := o.account(l.Dir)
	if err != nil {
		return err
	}
	l.Registry = &Registry{Addr: l.ip(registryOctet) + ":5000", Username: user, Password: password, control: "http://" + l.ip(registryOctet) + ":5001"}
	l.DB = &db.Client{URL: "http://" + l.ip(dbOctet)}
	l.S3 = newS3(l.ip(s3Octet))
	l.AppSignal = l.DB.URL + "/appsignal"
	for i := 1; i <= o.Hosts; i++ {
		l.Hosts = append(l.Hosts, l.newHost(i))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.startRegistry(gctx, p, o.Fresh) })
	g.Go(func() error { return l.startDB(gctx, p, o.Fresh) })
	g.Go(func() error { return l.startS3(gctx, p, o.Fresh) })
	for _, h := range l.Hosts {
		g.Go(func() error { return h.start(gctx, p.hostImage, o) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return l.writeSSHFiles()
}

// Reset makes hosts, registry, database and buckets as new, side by side, in about a
// second: what a test does before each scenario.
func (l *Lab) Reset(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, h := range l.Hosts {
		g.Go(func() error { return h.Reset(ctx) })
	}
	g.Go(func() error { return l.Registry.Reset(ctx) })
	g.Go(func() error { return l.DB.Reset(ctx) })
	g.Go(func() error { return l.S3.Reset(ctx) })
	g.Go(func() error { return appsignal.Reset(ctx, l.AppSignal) })
	if err := g.Wait(); err != nil {
		return fmt.Errorf("reset lab %s: %w", l.Name, err)
	}
	return nil
}

// Down removes the lab's containers, volumes, network and state folder.
func (l *Lab) Down(ctx context.Context) error { return down(ctx, l.root, l.Name, l.Dir) }

// owned are the arguments that label what docker makes as this lab's.
func (l *Lab) owned() []string {
	return []string{"--label", label + "=" + l.Name, "--label", labelRoot + "=" + l.root}
}

// Down removes the lab of that name, up or half up. No such lab is success.
func Down(ctx context.Context, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if !have("docker") {
		return nil
	}
	return down(ctx, rootHash(o.Root), o.Name, filepath.Join(o.Root, ".lab", o.Name))
}

// DownAll removes all labs of the repository in o.Root.
func DownAll(ctx context.Context, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(o.Root, ".lab"))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || !validName.MatchString(e.Name()) || e.Name() == cacheName {
			continue
		}
		o.Name = e.Name()
		if err := Down(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func down(ctx context.Context, root, name, dir string) error {
	for _, step := range []struct{ list, remove []string }{
		{[]string{"ps", "--all", "--quiet"}, []string{"rm", "--force", "--volumes"}},
		{[]string{"volume", "ls", "--quiet"}, []string{"volume", "rm", "--force"}},
		{[]string{"network", "ls", "--quiet"}, []string{"network", "rm"}},
	} {
		out, err := docker(ctx, append(step.list, "--filter", "label="+label+"="+name, "--filter", "label="+labelRoot+"="+root)...)
		if err != nil {
			return fmt.Errorf("take down lab %s: %w", name, err)
		}
		ids := strings.Fields(out)
		if len(ids) == 0 {
			continue
		}
		if _, err := docker(ctx, append(step.remove, ids...)...); err != nil {
			return fmt.Errorf("take down lab %s: %w", name, err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("take down lab %s: %w", name, err)
	}
	return nil
}
