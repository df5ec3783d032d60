package assets

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// manifest says that files are in the bucket: all of a release, or all of a set.
type manifest struct {
	Version int      `json:"version"` // 1
	Files   int      `json:"files"`
	Bytes   int64    `json:"bytes"`
	Plain   int      `json:"plain,omitempty"`  // files under a name without a hash
	Set     string   `json:"set,omitempty"`    // of a release: the set of its files
	Name    string   `json:"name,omitempty"`   // of a release: the image
	Layers  []string `json:"layers,omitempty"` // of a release
}

const (
	releases = ".hwdeploy/releases/"
	sets     = ".hwdeploy/sets/"
	latest   = ".hwdeploy/latest/"
	head     = 512 // bytes that hold a manifest's counts
)

// releaseKey is by the layers and by all that decides which files are taken.
func (b *Bucket) releaseKey(layers []string) string {
	if len(layers) == 0 {
		return ""
	}
	return releases + digest(layers, b.o.Paths, b.o.Exclude, []string{b.o.Prefix}) + ".json"
}

// setKey is by keys and sizes. Files whose names do not change with the content
// have no identity of their own: then the set is as good as the release, or "".
func setKey(files []File, release string) string {
	var words []string
	for _, f := range files {
		words = append(words, fmt.Sprint(f.Key, " ", f.Size))
		if !f.Hashed && release == "" {
			return ""
		}
		if !f.Hashed {
			words = append(words, release)
		}
	}
	return sets + digest(words) + ".jsonl"
}

func digest(lists ...[]string) string {
	h := sha256.New()
	for _, l := range lists {
		fmt.Fprintf(h, "%d\n%s\n", len(l), strings.Join(l, "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// known reads the counts of a manifest; false when there is none, or when another
// set has since been written over names without a hash.
func (b *Bucket) known(ctx context.Context, key string) (m manifest, ok bool, err error) {
	if key == "" {
		return m, false, nil
	}
	text, err := b.start(ctx, key)
	if m, ok = counts(text); !ok || m.Plain == 0 {
		return m, ok, err
	}
	last, err := b.start(ctx, b.latestKey())
	return m, last == cmp.Or(m.Set, key), err
}

// start reads the first bytes of an object; "" when it is not there.
func (b *Bucket) start(ctx context.Context, key string) (string, error) {
	const op = "read the manifest"
	out, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.o.Bucket, Key: &key, Range: aws.String(fmt.Sprintf("bytes=0-%d", head-1))})
	if notThere(err) {
		return "", nil
	}
	if err != nil {
		return "", b.fail(op, err)
	}
	text, err := io.ReadAll(io.LimitReader(out.Body, head))
	if err = errors.Join(err, out.Body.Close()); err != nil {
		return "", b.fail(op, err)
	}
	return string(text), nil
}

// counts reads the start of a manifest, which may be cut off behind them. What
// does not read is no manifest: the files are looked at again.
func counts(text string) (manifest, bool) {
	var m manifest
	n, err := fmt.Sscanf(text, `{"version":%d,"files":%d,"bytes":%d,"plain":%d,"set":%q`, &m.Version, &m.Files, &m.Bytes, &m.Plain, &m.Set)
	return m, (err == nil || n >= 3) && m.Version == 1
}

// latestKey names the set whose files lie under the prefix's names without a hash.
func (b *Bucket) latestKey() string { return latest + digest([]string{b.o.Prefix}) + ".txt" }

// takeOver notes a set there before the first of its files is written, so that no
// manifest of another set vouches for them any more.
func (b *Bucket) takeOver(ctx context.Context, set string, files []File) error {
	if plain(files) == 0 {
		return nil
	}
	return b.put(ctx, object{key: b.latestKey(), data: []byte(cmp.Or(set, "none")), contentType: "text/plain", cache: "no-store"})
}

func (b *Bucket) writeSet(ctx context.Context, key string, files []File) error {
	if key == "" {
		return nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err := enc.Encode(manifest{Version: 1, Files: len(files), Bytes: sum(files), Plain: plain(files)})
	for i := 0; err == nil && i < len(files); i++ {
		err = enc.Encode(files[i])
	}
	if err != nil {
		return err
	}
	return b.put(ctx, object{key: key, data: text.Bytes(), contentType: "application/jsonl", cache: "no-store"})
}

func (b *Bucket) writeRelease(ctx context.Context, key string, m manifest) error {
	if key == "" {
		return nil
	}
	m.Version = 1
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return b.put(ctx, object{key: key, data: text, contentType: "application/json", cache: "no-store"})
}

// object is one write.
type object struct {
	key, contentType, cache string
	data                    []byte
}

func (b *Bucket) put(ctx context.Context, o object) error {
	_, err := b.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.o.Bucket, Key: &o.key, Body: bytes.NewReader(o.data), ContentLength: aws.Int64(int64(len(o.data))),
		ContentType: &o.contentType, CacheControl: &o.cache,
	})
	if err != nil {
		return b.fail("write "+o.key, err)
	}
	return nil
}
