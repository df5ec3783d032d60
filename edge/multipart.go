package edge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
	"strings"

	"github.com/warmlyyours/hwdeploy/edge/bundle"
	"github.com/warmlyyours/hwdeploy/edge/wrangler"
)

// metadata is the document that goes with a script. Secrets belong to whoever
// set them, and stay; so do variables that were set elsewhere when the file says
// so. whole adds what is no part of a version, for the plain upload.
func metadata(w *wrangler.Worker, s bundle.Script, whole bool) map[string]any {
	m := map[string]any{}
	maps.Copy(m, w.Metadata)
	if !whole {
		for _, k := range scriptSettings {
			delete(m, k)
		}
	}
	keep := []string{"secret_text", "secret_key"}
	if w.KeepVars {
		keep = append(keep, "plain_text", "json")
	}
	m["main_module"], m["keep_bindings"] = s.Main(), keep
	m["bindings"] = append([]map[string]any{}, w.Bindings...)
	return m
}

// tag names the content of an upload: script and metadata. It is put on the
// version, where the next deploy finds it.
func tag(w *wrangler.Worker, s bundle.Script) (string, error) {
	h := sha256.New()
	text, err := json.Marshal(metadata(w, s, true))
	if err != nil {
		return "", err
	}
	part := func(b []byte) { fmt.Fprintf(h, "%d:%s", len(b), b) } //nolint:errcheck // a hash takes all
	part(text)
	for _, m := range s.Modules {
		part([]byte(m.Name))
		part([]byte(m.Type))
		part(m.Data)
	}
	return "hw-" + hex.EncodeToString(h.Sum(nil))[:16], nil
}

// form is an upload: one part metadata, in JSON, and a part per module, named as
// imports name it.
func form(meta map[string]any, modules []bundle.Module) (payload, error) {
	text, err := json.Marshal(meta)
	if err != nil {
		return payload{}, err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := part(w, "metadata", "", "application/json", text); err != nil {
		return payload{}, err
	}
	for _, m := range modules {
		if err := part(w, m.Name, m.Name, m.Type, m.Data); err != nil {
			return payload{}, err
		}
	}
	if err := w.Close(); err != nil {
		return payload{}, err
	}
	return payload{w.FormDataContentType(), b.Bytes()}, nil
}

func part(w *multipart.Writer, name, file, kind string, data []byte) error {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace
	at := fmt.Sprintf(`form-data; name="%s"`, quote(name))
	if file != "" {
		at += fmt.Sprintf(`; filename="%s"`, quote(file))
	}
	p, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {at}, "Content-Type": {kind}})
	if err != nil {
		return err
	}
	_, err = io.Copy(p, bytes.NewReader(data))
	return err
}
