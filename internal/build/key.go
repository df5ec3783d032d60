package build

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"

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
	// SecretKey keys the hashes of the secrets' values, so that who sees the tag
	// can't try values out. It must be the same wherever builds are to be shared.
	SecretKey secret.Secret
}

// Key is the tag that says "built from exactly this": "hw-" and 16 hex digits.
// It is put on an image after its push; finding it on the digest of REPO:V
// allows to skip the build.
func Key(in Inputs) string {
	h := sha256.New()
	field(h, "hwdeploy build key 1", in.Revision, in.Context, string(in.Dockerfile), in.Target)
	field(h, slices.Sorted(slices.Values(in.Platforms))...)
	args := map[string]string{} // of a name given twice the last counts
	for _, a := range in.Args {
		args[a.Name] = a.Value
	}
	pairs(h, args)
	pairs(h, in.Labels)
	hashes := map[string]string{}
	for name, s := range in.Secrets {
		mac := hmac.New(sha256.New, []byte(in.SecretKey.Reveal()))
		field(mac, name, s.Reveal())
		hashes[name] = string(mac.Sum(nil))
	}
	pairs(h, hashes)
	return "hw-" + hex.EncodeToString(h.Sum(nil))[:16]
}

// field writes a list so that no two lists write the same bytes: the number of
// texts, then each behind its length.
func field(h hash.Hash, texts ...string) {
	io.WriteString(h, strconv.Itoa(len(texts))+";") //nolint:errcheck // a hash never fails
	for _, t := range texts {
		io.WriteString(h, strconv.Itoa(len(t))+":"+t) //nolint:errcheck // a hash never fails
	}
}

func pairs(h hash.Hash, m map[string]string) {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, k, m[k])
	}
	field(h, list...)
}
