package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// syncer is a program that copies a folder into a bucket of its own.
type syncer struct {
	name   string
	bucket string
	args   []string
	env    []string
	dir    string
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
