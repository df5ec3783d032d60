package cloudflare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"
)

// Part is a module of an upload.
type Part struct {
	Name, Type string
	Data       []byte
}

var moduleTypes = []string{
	"application/javascript+module", "text/javascript+module", "application/javascript", "text/javascript",
	"application/wasm", "text/plain", "application/octet-stream", "application/source-map",
}

// metadataKeys are those of a version, and those of the whole script.
var (
	metadataKeys = []string{
		"main_module", "body_part", "bindings", "compatibility_date", "compatibility_flags", "keep_bindings", "keep_assets",
		"assets", "placement", "limits", "annotations", "observability", "cache_options", "package_dependencies",
	}
	scriptKeys = []string{"migrations", "logpush", "tail_consumers", "tags", "usage_model"}
)

// readUpload reads a multipart form as the API does; why says what it would not
// take.
func readUpload(kind string, body []byte, whole bool) (meta map[string]any, parts []Part, why string) {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil || media != "multipart/form-data" {
		return nil, nil, "the content type should be multipart/form-data"
	}
	in := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		p, err := in.NextRawPart()
		if err == io.EOF { //nolint:errorlint // plain EOF
			break
		}
		if err != nil {
			return nil, nil, "the form is broken: " + err.Error()
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return nil, nil, "the form is broken: " + err.Error()
		}
		switch name := p.FormName(); {
		case name == "metadata" && meta != nil:
			return nil, nil, "there is more than one part metadata"
		case name == "metadata":
			if json.Unmarshal(data, &meta) != nil || meta == nil {
				return nil, nil, "could not read content for part metadata"
			}
		case strings.HasPrefix(name, "metadata."), strings.HasPrefix(name, "metadata["):
			return nil, nil, "metadata is one JSON document, not the field " + name
		default:
			parts = append(parts, Part{name, p.Header.Get("Content-Type"), data})
			if why := wrongPart(p, name); why != "" {
				return nil, nil, why
			}
		}
	}
	return meta, parts, wrongUpload(meta, parts, whole)
}

func wrongPart(p *multipart.Part, name string) string {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	switch {
	case err != nil || params["filename"] != name:
		return fmt.Sprintf("part %s: the filename should be the name", name)
	case !slices.Contains(moduleTypes, p.Header.Get("Content-Type")):
		return fmt.Sprintf("part %s: content type %q is not served", name, p.Header.Get("Content-Type"))
	}
	return ""
}

func wrongUpload(meta map[string]any, parts []Part, whole bool) string {
	if meta == nil {
		return "could not read content for part metadata"
	}
	main, _ := meta["main_module"].(string)
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Name == main })
	if i < 0 {
		return "main_module names no part"
	}
	if parts[i].Type != "application/javascript+module" || !bytes.Contains(parts[i].Data, []byte("default")) {
		return "main_module is no ES module with a default export"
	}
	for k := range meta {
		if !slices.Contains(metadataKeys, k) && (!whole || !slices.Contains(scriptKeys, k)) {
			return "metadata: " + k + " is not part of this upload"
		}
	}
	return ""
}

// bindingFields are what a binding needs beside name and type.
var bindingFields = map[string][]string{
	"plain_text": {"text"}, "json": {"json"}, "secret_text": {"text"}, "kv_namespace": {"namespace_id"}, "r2_bucket": {"bucket_name"},
	"d1": {"id"}, "service": {"service"}, "durable_object_namespace": {"class_name"}, "queue": {"queue_name"}, "hyperdrive": {"id"},
	"analytics_engine": nil, "ai": nil, "browser": nil, "images": nil, "version_metadata": nil, "vectorize": {"index_name"},
	"mtls_certificate": {"certificate_id"}, "ratelimit": {"namespace_id", "simple"}, "dispatch_namespace": {"namespace"},
	"secrets_store_secret": {"store_id", "secret_name"}, "inherit": nil,
}

// bind gives the bindings of an upload: its own, and those of the live version
// whose types it keeps.
func bind(meta map[string]any, live []map[string]any, strict bool) (all []map[string]any, code int, why string) {
	list, _ := meta["bindings"].([]any)
	names := map[any]bool{}
	for _, x := range list {
		b, _ := x.(map[string]any)
		kind, _ := b["type"].(string)
		needs, known := bindingFields[kind]
		if !known || b["name"] == nil || names[b["name"]] {
			return nil, 10021, fmt.Sprintf("binding %v of type %q is not valid", b["name"], kind)
		}
		for _, f := range needs {
			if b[f] == nil {
				return nil, 10021, fmt.Sprintf("binding %v lacks %s", b["name"], f)
			}
		}
		names[b["name"]] = true
		if kind == "inherit" {
			i := slices.IndexFunc(live, func(l map[string]any) bool { return l["name"] == b["name"] })
			if i < 0 && strict {
				return nil, 10057, fmt.Sprintf("binding %v can't be inherited", b["name"])
			}
			if i < 0 {
				continue
			}
			b = live[i]
		}
		all = append(all, b)
	}
	keep, _ := meta["keep_bindings"].([]any)
	for _, b := range live {
		if slices.Contains(keep, b["type"]) && !names[b["name"]] {
			all = append(all, b)
		}
	}
	return all, 0, ""
}
