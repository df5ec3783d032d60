package config

import (
	"context"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// loader checks the merged tree and builds the model from it, section by section
// in Kamal's order. Building is lenient: what is wrong was reported and is left
// out, so that later sections can still be checked.
type loader struct {
	*report
	read *reader
	root Value
	cfg  *Config
	arch func() (string, error) // this machine's Docker architecture
	used map[string]bool        // tags by which accessories were placed
}

// Load reads, renders, merges and checks the configuration. Mistakes are *Errors.
// Warnings, sorted by place, are in the Config.
func Load(ctx context.Context, o Options) (*Config, error) {
	r := newReader(o)
	r.env.setDestination(o.Destination)
	root, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.report.err(); err != nil {
		return nil, err
	}
	l := &loader{report: r.report, read: r, root: root, used: map[string]bool{},
		arch: func() (string, error) { return r.dockerArch(ctx) },
		cfg:  &Config{Dir: r.dir, Destination: o.Destination, Raw: root}}
	l.sections()
	l.crossChecks()
	if err := l.err(); err != nil {
		return nil, err
	}
	l.warnAll()
	l.cfg.Environ = r.env.list()
	return l.cfg, ctx.Err()
}

// LoadRaw gives the merged tree without checking it.
func LoadRaw(ctx context.Context, o Options) (Value, error) {
	r := newReader(o)
	r.env.setDestination(o.Destination)
	return r.raw(ctx)
}

// LoadAliases gives the aliases of the merged tree without checking anything, and
// without setting KAMAL_DESTINATION, so that they work in an otherwise invalid
// file.
func LoadAliases(ctx context.Context, o Options) ([]Alias, error) {
	root, err := newReader(o).raw(ctx)
	if err != nil {
		return nil, err
	}
	return aliasesOf(root.Get("aliases")), nil
}

func (r *reader) raw(ctx context.Context) (Value, error) {
	root, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	return root, r.report.err()
}

// sections checks and builds everything, in Kamal's order.
func (l *loader) sections() {
	l.checkRoot()
	l.rootKeys()
	l.servers()
	l.cfg.Registry = l.registry("registry", l.root)
	l.accessories()
	l.aliases()
	l.boot()
	l.builder()
	l.rootEnv()
	l.logging()
	l.output()
	l.rootProxy()
	l.ssh()
	l.sshkit()
	l.extension()
}

func (l *loader) checkRoot() {
	l.fields("", l.root.Pos, l.root, rootSpec())
}

// get gives a root section when it is a map.
func (l *loader) get(key string) Value { return mapOf(l.root.Get(key)) }

func mapOf(n Value) Value {
	if n == nil || n.Kind != psych.Map {
		return nil
	}
	return n
}
