package assets_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/s3d"
)

// What all tests share: a real S3 server.
var (
	server *s3d.Server
	url    string
	owner  = s3d.Account{Key: "owner-key", Secret: "owner-secret-4711"}
	guest  = s3d.Account{Key: "guest-key", Secret: "guest-secret-4712"}
)

func TestMain(m *testing.M) {
	ctx, cancel := context.WithCancel(context.Background())
	code, err := run(ctx, m)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		code = 1
	}
	os.Exit(code)
}

func run(ctx context.Context, m *testing.M) (int, error) {
	program, err := lab.Program(ctx, "s3gateway")
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "hwdeploy-s3")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	if server, err = s3d.Start(ctx, s3d.Options{Program: program, Dir: dir, Account: owner, Guest: guest}); err != nil {
		return 0, err
	}
	defer server.Close()
	front := httptest.NewServer(server)
	defer front.Close()
	url = front.URL
	return m.Run(), nil
}

// world is one test's bucket and folder of assets.
type world struct {
	*testing.T
	dir     string
	options assets.Options
}

// begin makes a bucket named by the test, and empties log and faults.
func begin(t *testing.T, files map[string]string) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir()}
	bucket := strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	if err := server.Bucket(bucket); err != nil {
		t.Fatal(err)
	}
	server.SetFaults(s3d.Faults{})
	server.Forget()
	w.options = assets.Options{
		Endpoint: url, Bucket: bucket, Prefix: "packs", Paths: []string{w.dir},
		AccessKey: secret.New(owner.Key), SecretKey: secret.New(owner.Secret),
	}
	for name, text := range files {
		w.write(name, text)
	}
	return w
}

func (w *world) write(name, text string) {
	w.Helper()
	file := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *world) bucket() *assets.Bucket {
	w.Helper()
	b, err := assets.New(w.options)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// sync must succeed; it gives the requests that it made, as "METHOD path".
func (w *world) sync(src assets.Source, o assets.SyncOptions) (assets.Result, requests) {
	w.Helper()
	server.Forget()
	r, err := w.bucket().Sync(w.Context(), src, o)
	if err != nil {
		w.Fatal(err)
	}
	return r, server.Requests()
}

type requests []s3d.Request

func (r requests) count(method, part string) int {
	n := 0
	for _, q := range r {
		if q.Method == method && strings.Contains(q.Path+"?"+q.Query, part) {
			n++
		}
	}
	return n
}

func (w *world) api() *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: &url, Region: "auto", UsePathStyle: true, Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: owner.Key, SecretAccessKey: owner.Secret}, nil
		})})
}

// lose removes a key behind everybody's back.
func (w *world) lose(key string) {
	w.Helper()
	if _, err := w.api().DeleteObject(w.Context(), &s3.DeleteObjectInput{Bucket: &w.options.Bucket, Key: &key}); err != nil {
		w.Fatal(err)
	}
}

// object reads one key, nil when it is not there.
func (w *world) object(key string) (*s3.GetObjectOutput, string) {
	w.Helper()
	out, err := w.api().GetObject(w.Context(), &s3.GetObjectInput{Bucket: &w.options.Bucket, Key: &key})
	if err != nil {
		return nil, ""
	}
	text, err := io.ReadAll(out.Body)
	if err = errors.Join(err, out.Body.Close()); err != nil {
		w.Fatal(err)
	}
	return out, string(text)
}

func many(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("js/chunk-%016x.js", 0xabcdef0000000000+uint64(i))] = fmt.Sprint("// ", i)
	}
	return files
}

// layered is a folder that says which layers it is made of, as an image does.
type layered struct {
	assets.Dir
	layers []string
	blind  *testing.T // set: fail when anything is looked at
}

func (l layered) Layers(context.Context) ([]string, error) { return l.layers, nil }

func (l layered) List(ctx context.Context, folder string) ([]assets.Entry, error) {
	if l.blind != nil {
		l.blind.Error("the files were looked at")
	}
	return l.Dir.List(ctx, folder)
}
