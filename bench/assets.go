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
	defer b.server.Close()
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
