// Package packs compiles the sample application's assets as a bundler would:
// names that carry a hash of the content, a source map beside each script, and a
// manifest. The same input gives the same output, byte for byte.
package packs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// Compile turns sources (name → text) into the files of public/packs.
func Compile(sources map[string][]byte) (map[string][]byte, error) {
	out, manifest := map[string][]byte{}, map[string]string{}
	for name, text := range sources {
		hashed := Name(name, text)
		out[hashed], manifest[name] = text, "/packs/"+hashed
		if path.Ext(name) == ".js" {
			out[hashed+".map"] = fmt.Appendf(nil, "{\"version\":3,\"file\":%q,\"sources\":[%q],\"mappings\":\"\"}\n", hashed, "app/assets/"+name)
		}
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the manifest of assets: %w", err)
	}
	out["manifest.json"] = append(text, '\n')
	return out, nil
}

// Name is the file name of an asset with that text: application-<16 hex>.js.
func Name(name string, text []byte) string {
	sum := sha256.Sum256(text)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:])[:16] + ext
}
