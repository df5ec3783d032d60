package assets

import (
	"path"
	"slices"
	"strings"
)

// The two ways in which a browser keeps a file. Only a name that changes with
// the content may be kept for good.
const (
	immutable = "public, max-age=31536000, immutable"
	brief     = "public, max-age=300"
)

// private tells whether a file never leaves the image: a source map or a bundler's
// manifest (also a compressed one), or anything at or below a dot name.
func private(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return true
		}
	}
	base := uncompressed(path.Base(name))
	return base == "manifest.json" || path.Ext(base) == ".map"
}

func uncompressed(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".br")
}

// hashParts are the parts of a name that may be a hash of the content, as bundlers
// write it: between dashes or dots, not the first, of 8 to 64 hex digits.
func hashParts(name string) (out []string) {
	parts := strings.FieldsFunc(path.Base(name), func(r rune) bool { return r == '-' || r == '.' })
	for i := 1; i < len(parts)-1; i++ {
		if p := parts[i]; len(p) >= 8 && len(p) <= 64 && strings.Trim(p, "0123456789abcdef") == "" {
			out = append(out, p)
		}
	}
	return out
}

func number(part string) bool { return strings.Trim(part, "0123456789") == "" }

// hashes tells the names that carry a hash. A part with a letter is one. A number
// may be a date, or a hash without a letter, which one of 43 with 8 digits is: it
// counts where parts of its length with a letter are at least eight times as many.
type hashes struct{ lettered, numbers map[int]int } // by length

func hashesOf(names []string) hashes {
	h := hashes{map[int]int{}, map[int]int{}}
	for _, n := range names {
		for _, p := range hashParts(n) {
			if number(p) {
				h.numbers[len(p)]++
			} else {
				h.lettered[len(p)]++
			}
		}
	}
	return h
}

func (h hashes) in(name string) bool {
	return slices.ContainsFunc(hashParts(name), func(p string) bool {
		return !number(p) || h.lettered[len(p)] >= 8*h.numbers[len(p)]
	})
}

// types are those of the files that bundlers make. The host's own table differs
// from machine to machine, so it is not asked.
var types = map[string]string{
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".html": "text/html; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".xml": "application/xml",
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
	".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon",
	".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf", ".otf": "font/otf", ".eot": "application/vnd.ms-fontobject",
	".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".pdf": "application/pdf",
	".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg", ".gz": "application/gzip",
}

func contentType(name string) string {
	if t := types[strings.ToLower(path.Ext(name))]; t != "" {
		return t
	}
	return "application/octet-stream"
}
