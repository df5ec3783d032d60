package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"strconv"

	"golang.org/x/crypto/scrypt"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Inputs are what decides the bytes of an image, as far as a build's author
// names it. Two builds with equal inputs may stand for each other.
type Inputs struct {
	Revision   string // full commit id; an uncommitted tree has none: don't skip then
	Context    string // the rule that made the context: "clone", or the builder's context setting
	Dockerfile []byte // content
	Target     string
	Platforms  []string // in any order
	Args       []Arg
	// Labels are those set on the command line: an image without its service
	// label would not be taken on the hosts.
	Labels  map[string]string
	Secrets map[string]secret.Secret
	// Repository salts the hash of the secrets' values. The hash is a slow one, so
	// that who sees the tag can't try values out, and needs no key: whoever deploys
	// the same commit with the same secrets gets the same tag, on any machine.
	Repository string
	Provenance string
}

// Key is the tag that says "built from exactly this": "hw-" and 16 hex digits.
// It is put on an image after its push; finding it on the digest of REPO:V
// allows to skip the build.
func Key(in Inputs) (string, error) {
	h := sha256.New()
	field(h, "hwdeploy build key 1", in.Revision, in.Context, string(in.Dockerfile), in.Target, in.Provenance)
	field(h, slices.Sorted(slices.Values(in.Platforms))...)
	args := map[string]string{} // of a name given twice the last counts
	for _, a := range in.Args {
		args[a.Name] = a.Value
	}
	pairs(h, args)
	pairs(h, in.Labels)
	slow, err := in.secrets()
	field(h, string(slow))
	return "hw-" + hex.EncodeToString(h.Sum(nil))[:16], err
}

// secrets hashes all secrets at once, in some 50 ms.
func (in Inputs) secrets() ([]byte, error) {
	if len(in.Secrets) == 0 {
		return nil, nil
	}
	values := map[string]string{}
	for name, s := range in.Secrets {
		values[name] = s.Reveal()
	}
	var text bytes.Buffer
	pairs(&text, values)
	return scrypt.Key(text.Bytes(), []byte("hwdeploy "+in.Repository), 1<<14, 8, 1, 32)
}

// field writes a list so that no two lists write the same bytes: the number of
// texts, then each behind its length.
func field(h io.Writer, texts ...string) {
	io.WriteString(h, strconv.Itoa(len(texts))+";") //nolint:errcheck // a hash never fails
	for _, t := range texts {
		io.WriteString(h, strconv.Itoa(len(t))+":"+t) //nolint:errcheck // a hash never fails
	}
}

func pairs(h io.Writer, m map[string]string) {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, k, m[k])
	}
	field(h, list...)
}
