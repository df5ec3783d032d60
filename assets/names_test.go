package assets

import (
	"fmt"
	"testing"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]struct{ private, hashed bool }{
		"application-6b86b273ff34fce1.js":               {false, true},
		"js/12-0a1b2c3d4e5f6a7b8c9d.chunk.js":           {false, true},
		"css/application-b9f35bb2.css":                  {false, true},
		"static/media/images/logo-0a1b2c3d4e5f6a7b.png": {false, true},
		"x-0a1b2c3d.digested.js":                        {false, true},
		"application-6b86b273ff34fce1.js.gz":            {false, true},
		"main.0a1b2c3d4e5f.js":                          {false, true},
		"application.js":                                {false, false},
		"photo-20240101.jpg":                            {false, false},
		"0a1b2c3d4e5f.js":                               {false, false},
		"application-6b86b273ff34fce1.js.map":           {true, true},
		"application-6b86b273ff34fce1.js.map.br":        {true, true},
		"manifest.json":                                 {true, false},
		"sub/manifest.json":                             {true, false},
		"manifest.json.gz":                              {true, false},
		"manifest.json.br":                              {true, false},
		"manifest-0a1b2c3d.webmanifest":                 {false, true},
		".manifest.json":                                {true, false},
		".well-known/security.txt":                      {true, false},
	} {
		if got := private(name); got != want.private {
			t.Errorf("%s: private %v", name, got)
		}
		if got := hashesOf([]string{name}).in(name); got != want.hashed {
			t.Errorf("%s: hashed %v", name, got)
		}
	}
	for name, want := range map[string]string{
		"a.JS": "text/javascript; charset=utf-8", "a.woff2": "font/woff2", "a.js.gz": "application/gzip", "a.bin": "application/octet-stream", "a": "application/octet-stream",
	} {
		if got := contentType(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A number is a hash where it is as rare as hashes without a letter are.
func TestNumbers(t *testing.T) {
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("x%d-%08x.css", i, 0xa0000000+i))
	}
	names = append(names, "y-12345678.css", "photo-1234567890.jpg")
	h := hashesOf(names)
	if !h.in("y-12345678.css") || h.in("photo-1234567890.jpg") || !h.in(names[0]) {
		t.Errorf("%+v", h)
	}
	if dates := hashesOf(append(names[:10], "a-20240101.jpg", "a-20240102.jpg")); dates.in("a-20240101.jpg") {
		t.Errorf("%+v", dates)
	}
}
