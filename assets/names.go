package assets

import (
	"path"
	"strings"
)

// The two ways in which a browser keeps a file. Only a name that changes with
// the content may be kept for good.
const (
	immutable = "public, max-age=31536000, immutable"
	brief     = "public, max-age=300"
)

// private tells whether a file never leaves the image: a source map (also a
// compressed one), a bundler's manifest, or anything at or below a dot name.
func private(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return true
		}
	}
	base := path.Base(name)
	return base == "manifest.json" || path.Ext(uncompressed(base)) == ".map"
}

func uncompressed(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".br")
}

// hashed tells whether a name carries a hash of the content, as bundlers write
// it: a part between dashes or dots, not the first, of 8 to 64 hex digits. A
// number alone is none, since it may be a date.
func hashed(name string) bool {
	parts := strings.FieldsFunc(path.Base(name), func(r rune) bool { return r == '-' || r == '.' })
	if len(parts) < 3 {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		if len(p) >= 8 && len(p) <= 64 && strings.Trim(p, "0123456789abcdef") == "" && strings.Trim(p, "0123456789") != "" {
			return true
		}
	}
	return false
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
