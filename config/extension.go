package config

import "time"

// Extension is x-hwdeploy: what the guidebook's flow adds to Kamal. Every key is
// optional; destinations overlay it like any other.
type Extension struct {
	BaseDestination  string // default production: the base file's name on the command line
	KnownHosts       string // a file in the project
	OnePassword      OnePassword
	Gate             Gate
	Migrate          *Migrate // nil = no migrate step
	Quiet            *Quiet   // nil = no quieting
	Assets           *Assets
	Sourcemaps       *Sourcemaps
	Edge             *Edge
	Push             string // auto (default), here, builder
	InsecureRegistry bool   // plain HTTP, as the engines' insecure-registries
	BuilderImage     string // buildkitd image; empty = moby/buildkit's default
}

// OnePassword names the account for the op CLI.
type OnePassword struct{ Account string }

// Gate is the clean-tree gate.
type Gate struct {
	Branch   string   // default master: what --in-worktree ships
	Worktree string   // default ~/.heatwave-deploy
	Link     []string // files symlinked into the worktree
}

// Migrate is the migration before the swap.
type Migrate struct {
	Role               string // default the first of sidekiq, primary role
	Cmd                string // default bin/rails db:migrate
	FirstDeploy        string // after-boot (default) or before-boot
	BackwardCompatible bool   // default true; false: no automatic return once it ran
}

// Quiet is the quieting of workers.
type Quiet struct {
	Roles  []string
	Signal string        // default TSTP
	Max    time.Duration // default 15m
}

// Assets is the sync of hashed assets to an S3 bucket.
type Assets struct {
	Paths, Exclude       []string
	Bucket, Endpoint     string
	Prefix               string
	AccessKey, SecretKey string // names of secrets
	OnFailure            string // abort (default) or warn
	When                 string // before-swap (default) or after-swap
}

// Sourcemaps is the detached upload in the live web container.
type Sourcemaps struct {
	Cmd     string
	Env     []Pair
	Secrets []string // names
}

// Edge is Cloudflare.
type Edge struct {
	Token, Zone string // Token: name of a secret
	Purge       string // none (default) or everything
	PurgeQueue  string // default tmp/cloudflare_purge_urls.txt
	Worker      string // path of the worker's wrangler.toml
	Redirects   *Redirects
}

// Redirects is the bulk redirect upload.
type Redirects struct {
	Account, List string
	Files         []string // globs
}
