package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/packs"
	"github.com/warmlyyours/hwdeploy/lab/relay"
	"github.com/warmlyyours/hwdeploy/lab/s3d"
)

// The assets of one big release, behind a link as from an office to a bucket.
const (
	assetFiles   = 5000
	assetAverage = 12 << 10 // bytes
	assetRTT     = 50 * time.Millisecond
)

// bucketSide is the S3 server with the link to it.
type bucketSide struct {
	dir    string // of the bench
	assets string // the files
	url    string // through the relay
	server *s3d.Server
}

// syncer is a program that copies a folder into a bucket of its own.
type syncer struct {
	name   string
	bucket string
	args   []string
	env    []string
	dir    string
}

// benchAssets copies the same files with several programs, each twice, and prints
// seconds side by side.
func benchAssets(ctx context.Context, binary string) error {
	if err := ensureTools(ctx, map[string]string{"rclone": "rclone", "aws": "awscli"}); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "hwdeploy-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b, err := startBucket(ctx, dir)
	if err != nil {
		return err
	}
	bytes, err := writeAssets(b.assets)
	if err != nil {
		return err
	}
	list, err := b.syncers(binary)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d hashed files, %.0f MB, to one S3 server at a round trip of %s\n", assetFiles, float64(bytes)/1e6, assetRTT)
	fmt.Println("                                        first s   times ours   unchanged s   times ours")
	var ours [2]time.Duration
	for i, s := range list {
		took, err := b.race(ctx, s)
		if err != nil {
			return err
		}
		if i == 0 {
			ours = took
		}
		fmt.Printf("%-36s %10.2f %12.1f %13.2f %12.1f\n", s.name, took[0].Seconds(), took[0].Seconds()/ours[0].Seconds(), took[1].Seconds(), took[1].Seconds()/ours[1].Seconds())
	}
	return nil
}

// startBucket serves buckets through a relay; all of it ends with ctx.
func startBucket(ctx context.Context, dir string) (*bucketSide, error) {
	program, err := lab.Program(ctx, "s3gateway")
	if err != nil {
		return nil, err
	}
	server, err := s3d.Start(ctx, s3d.Options{
		Program: program, Dir: filepath.Join(dir, "s3"), Loose: true, // the others send what R2 refuses
		Account: s3d.Account{Key: "bench", Secret: "bench-secret"}, Guest: s3d.Account{Key: "guest", Secret: "guest-secret"},
	})
	if err != nil {
		return nil, err
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { web.Close() })
	go web.Serve(l) //nolint:errcheck // it ends with ctx
	link, err := relay.Listen(ctx, "127.0.0.1:0", l.Addr().String(), nil)
	if err != nil {
		return nil, err
	}
	link.SetLatency(assetRTT / 2)
	return &bucketSide{dir: dir, assets: filepath.Join(dir, "packs"), url: "http://" + link.Addr(), server: server}, nil
}

// writeAssets makes the files: scripts and styles of many sizes.
func writeAssets(dir string) (int64, error) {
	var total int64
	r := rand.New(rand.NewPCG(1, 2))
	for i := range assetFiles {
		text := make([]byte, 1+r.IntN(2*assetAverage))
		for j := range text {
			text[j] = byte('a' + r.IntN(26))
		}
		name := packs.Name(fmt.Sprintf("chunk%d%s", i, []string{".js", ".css"}[i%2]), text)
		file := filepath.Join(dir, fmt.Sprintf("part%d", i%20), name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return 0, err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return 0, err
		}
		total += int64(len(text))
	}
	return total, nil
}

const cacheControl = "public, max-age=31536000, immutable"

// syncers are ours, first, and the others: as they come, and set as well as their
// manuals allow.
func (b *bucketSide) syncers(binary string) ([]syncer, error) {
	project, err := b.project()
	if err != nil {
		return nil, err
	}
	rclone := []string{
		"RCLONE_CONFIG_R2_TYPE=s3", "RCLONE_CONFIG_R2_PROVIDER=Cloudflare", "RCLONE_CONFIG_R2_REGION=auto", "RCLONE_CONFIG_R2_NO_CHECK_BUCKET=true",
		"RCLONE_CONFIG_R2_ENDPOINT=" + b.url, "RCLONE_CONFIG_R2_ACCESS_KEY_ID=bench", "RCLONE_CONFIG_R2_SECRET_ACCESS_KEY=bench-secret",
		"RCLONE_CONFIG=" + filepath.Join(b.dir, "rclone.conf"),
	}
	aws := []string{"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench-secret", "AWS_DEFAULT_REGION=auto"}
	copying := []string{"rclone", "copy", b.assets, "--header-upload", "Cache-Control: " + cacheControl}
	list := []syncer{
		{name: "hwdeploy assets sync", args: []string{binary, "assets", "sync", "--from", b.assets}, dir: project},
		{name: "rclone copy", args: copying, env: rclone},
		{name: "rclone copy, 64 at once, sizes only", args: append(append([]string{}, copying...), "--transfers", "64", "--checkers", "64", "--size-only", "--s3-no-head"), env: rclone},
		{name: "aws s3 sync", args: []string{"aws", "--endpoint-url", b.url, "s3", "sync", "--only-show-errors", "--cache-control", cacheControl, b.assets}, env: aws},
	}
	for i := range list {
		s := &list[i]
		s.bucket = fmt.Sprintf("bench-%d", i)
		switch s.args[0] {
		case "rclone":
			s.args = append(s.args, "r2:"+s.bucket+"/packs")
		case "aws":
			s.args = append(s.args, "s3://"+s.bucket+"/packs")
		}
	}
	return list, nil
}

// project is what hwdeploy reads where to copy to from.
func (b *bucketSide) project() (string, error) {
	dir := filepath.Join(b.dir, "project")
	files := map[string]string{
		"config/deploy.yml": `service: shop
image: demo/shop
servers: [192.0.2.1]
registry: {username: u, password: [REGISTRY_PASSWORD]}
builder: {arch: amd64}
x-hwdeploy:
  assets:
    paths: [/rails/public/packs]
    bucket: bench-0
    endpoint: ` + b.url + `
    prefix: packs
    access_key: R2_ACCESS_KEY_ID
    secret_key: R2_SECRET_ACCESS_KEY
`,
		".kamal/secrets": "R2_ACCESS_KEY_ID=bench\nR2_SECRET_ACCESS_KEY=bench-secret\nREGISTRY_PASSWORD=none\n",
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// race runs a program on an empty bucket, then again with nothing changed: the
// best of three runs, or fewer when they are slow, since a short one shows the
// machine's other work.
func (b *bucketSide) race(ctx context.Context, s syncer) (took [2]time.Duration, err error) {
	if err := b.server.Bucket(s.bucket); err != nil {
		return took, err
	}
	if took[0], err = b.once(ctx, s); err != nil {
		return took, err
	}
	begin := time.Now()
	for run := 0; run < 3 && time.Since(begin) < 10*time.Second; run++ {
		again, err := b.once(ctx, s)
		if err != nil {
			return took, err
		}
		if run == 0 || again < took[1] {
			took[1] = again
		}
	}
	return took, nil
}

// once runs a program and checks what arrived.
func (b *bucketSide) once(ctx context.Context, s syncer) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
	cmd.Env, cmd.Dir = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir}, s.env...), s.dir
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", s.name, err, out)
	}
	took := time.Since(begin)
	if n, err := b.arrived(s.bucket); err != nil || n != assetFiles {
		return 0, fmt.Errorf("%s: %d of %d files arrived (%v)", s.name, n, assetFiles, err)
	}
	return took, nil
}

// arrived counts the bucket's files where the server keeps them.
func (b *bucketSide) arrived(bucket string) (int, error) {
	n := 0
	root := filepath.Join(b.dir, "s3", "buckets", bucket, "packs")
	err := filepath.WalkDir(root, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	return n, err
}

// ensureTools installs the Debian packages of programs that are not there.
func ensureTools(ctx context.Context, packages map[string]string) error {
	var missing []string
	for program, name := range packages {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	line := "apt-get update -qq && apt-get install -y -qq --no-install-recommends " + strings.Join(missing, " ")
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("install %s: %w\n%s", strings.Join(missing, " "), err, out)
	}
	return nil
}
