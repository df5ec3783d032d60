package cloudflare_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

const (
	lists   = "accounts/" + cloudflare.Account + "/rules/lists"
	scripts = "accounts/" + cloudflare.Account + "/workers/scripts/"
	purge   = "zones/" + cloudflare.Zone + "/purge_cache"
)

func begin(t *testing.T) (*cloudflare.Server, *http.Client) {
	t.Helper()
	s, err := cloudflare.Start("the-token")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) //nolint:errcheck // the test is over
	return s, &http.Client{Transport: s.Transport()}
}

// ask makes a request and gives status, code and result.
func ask(t *testing.T, s *cloudflare.Server, c *http.Client, method, path, kind, body string, header ...string) (int, int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer the-token")
	r.Header.Set("Content-Type", kind)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read below
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var env struct {
		Success bool
		Errors  []struct{ Code int }
		Result  map[string]any
	}
	if err := json.Unmarshal(text, &env); err != nil && !strings.Contains(string(text), `"result":[`) {
		t.Fatalf("%v: %s", err, text)
	}
	if env.Success != (res.StatusCode == http.StatusOK) {
		t.Errorf("status %d: %s", res.StatusCode, text)
	}
	code := 0
	if len(env.Errors) > 0 {
		code = env.Errors[0].Code
	}
	return res.StatusCode, code, env.Result
}

// What the real API refuses is refused.
func TestWhatIsRefused(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`"https://www.example.test/",`, 31), ",")
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status, code       int
	}{
		"wrong token":      {"POST", purge, `{"purge_everything":true}`, []string{"Authorization", "Bearer other"}, 403, 10000},
		"key, not token":   {"POST", purge, `{"purge_everything":true}`, []string{"X-Auth-Key", "k"}, 403, 10000},
		"no JSON":          {"POST", purge, `{`, nil, 400, 10026},
		"no type":          {"POST", purge, `{"purge_everything":true}`, []string{"Content-Type", "text/plain"}, 415, 10005},
		"two shapes":       {"POST", purge, `{"purge_everything":true,"files":[]}`, nil, 400, 1092},
		"no array":         {"POST", purge, `{"files":"https://www.example.test/"}`, nil, 400, 1014},
		"too many files":   {"POST", purge, `{"files":[` + many + `]}`, nil, 400, 1093},
		"file of another":  {"POST", purge, `{"files":["https://other.test/"]}`, nil, 400, 1012},
		"other zone":       {"POST", "zones/0/purge_cache", `{"purge_everything":true}`, nil, 400, 7003},
		"no such call":     {"GET", "zones", ``, nil, 404, 7003},
		"list's name":      {"POST", lists, `{"name":"a-b","kind":"redirect"}`, nil, 400, 10017},
		"no list":          {"PUT", lists + "/none/items", `[]`, nil, 404, 10001},
		"rule of no list":  {"PUT", "accounts/" + cloudflare.Account + "/rulesets/phases/http_request_redirect/entrypoint", `{"rules":[{"action":"redirect","action_parameters":{"from_list":{"name":"x","key":"k"}}}]}`, nil, 400, 20017},
		"no rules yet":     {"GET", "accounts/" + cloudflare.Account + "/rulesets/phases/http_request_redirect/entrypoint", ``, nil, 404, 10003},
		"no script":        {"GET", scripts + "w/deployments", ``, nil, 404, 10007},
		"version of none":  {"POST", scripts + "w/versions", ``, nil, 404, 10007},
		"route to nothing": {"POST", "zones/" + cloudflare.Zone + "/workers/routes", `{"pattern":"www.example.test/*","script":"w"}`, nil, 400, 10007},
		"foreign route":    {"POST", "zones/" + cloudflare.Zone + "/workers/routes", `{"pattern":"www.other.test/*","script":"w"}`, nil, 400, 10022},
	} {
		t.Run(name, func(t *testing.T) {
			s, cl := begin(t)
			status, code, _ := ask(t, s, cl, c.method, c.path, "application/json", c.body, c.header...)
			if status != c.status || code != c.code {
				t.Errorf("status %d, code %d", status, code)
			}
		})
	}
}

// field is a part of a form: its file name is its name unless file says another.
type field struct{ name, file, kind, text string }

func form(t *testing.T, fields ...field) (string, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		at := `form-data; name="` + f.name + `"`
		if f.file != "" {
			at += `; filename="` + f.file + `"`
		}
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {at}, "Content-Type": {f.kind}})
		if err == nil {
			_, err = io.WriteString(p, f.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

var (
	meta   = field{"metadata", "", "application/json", `{"main_module":"w.js","bindings":[{"type":"plain_text","name":"A","text":"a"}]}`}
	module = field{"w.js", "w.js", "application/javascript+module", "export default {}"}
)

func TestWhichUploadsAreTaken(t *testing.T) {
	with := func(f field, text string) field { f.text = text; return f }
	for name, c := range map[string]struct {
		fields []field
		code   int
	}{
		"good":                 {[]field{meta, module}, 0},
		"flattened metadata":   {[]field{{"metadata.main_module", "", "text/plain", "w.js"}, module}, 10021},
		"two metadata":         {[]field{meta, meta, module}, 10021},
		"metadata is no JSON":  {[]field{with(meta, "main_module"), module}, 10021},
		"main is not there":    {[]field{with(meta, `{"main_module":"x.js"}`), module}, 10021},
		"another file name":    {[]field{meta, {"w.js", "files.0", module.kind, module.text}}, 10021},
		"no file name":         {[]field{meta, {"w.js", "", module.kind, module.text}}, 10021},
		"another content type": {[]field{meta, {"w.js", "w.js", "text/typescript", module.text}}, 10021},
		"no default export":    {[]field{meta, with(module, "addEventListener()")}, 10021},
		"unknown binding":      {[]field{with(meta, `{"main_module":"w.js","bindings":[{"type":"kv","name":"A"}]}`), module}, 10021},
		"binding lacks":        {[]field{with(meta, `{"main_module":"w.js","bindings":[{"type":"kv_namespace","name":"A"}]}`), module}, 10021},
		"inherited from none":  {[]field{with(meta, `{"main_module":"w.js","bindings":[{"type":"inherit","name":"B"}]}`), module}, 10057},
	} {
		t.Run(name, func(t *testing.T) {
			s, cl := begin(t)
			kind, body := form(t, c.fields...)
			if _, code, _ := ask(t, s, cl, "PUT", scripts+"w?bindings_inherit=strict", kind, body); code != c.code {
				t.Errorf("code %d, wanted %d", code, c.code)
			}
		})
	}
}

// Bindings are replaced by each upload, but for the types that it keeps; a
// version is not live until it is deployed; settings of the script are no part of
// one.
func TestVersionsAndBindings(t *testing.T) {
	s, c := begin(t)
	kind, body := form(t, meta, module)
	ask(t, s, c, "PUT", scripts+"w", kind, body)
	s.PutSecret("w", "KEY")
	live := s.Script("w").Live().ID
	without := field{"metadata", "", "application/json", `{"main_module":"w.js","keep_bindings":["secret_text"]}`}
	kind, body = form(t, without, module)
	_, _, v := ask(t, s, c, "POST", scripts+"w/versions", kind, body)
	if s.Script("w").Live().ID != live {
		t.Error("a version is live before it is deployed")
	}
	ask(t, s, c, "POST", scripts+"w/deployments", "application/json", `{"strategy":"percentage","versions":[{"version_id":"`+v["id"].(string)+`","percentage":100}]}`)
	if b := s.Script("w").Live().Bindings; len(b) != 1 || b[0]["name"] != "KEY" {
		t.Errorf("bindings %v", b)
	}
	kind, body = form(t, field{"metadata", "", "application/json", `{"main_module":"w.js","logpush":true}`}, module)
	if _, code, _ := ask(t, s, c, "POST", scripts+"w/versions", kind, body); code != 10021 {
		t.Errorf("logpush in a version: code %d", code)
	}
}

// One write at a time; its items are there once it is done, and not before.
func TestOneWriteAtATime(t *testing.T) {
	s, c := begin(t)
	_, _, l := ask(t, s, c, "POST", lists, "application/json", `{"name":"l","kind":"redirect"}`)
	items := lists + "/" + l["id"].(string) + "/items"
	for _, bad := range []string{
		`[{"redirect":{"source_url":"https://a.test:1/","target_url":"https://b.test/"}}]`,
		`[{"redirect":{"source_url":"https://a.test/?q","target_url":"https://b.test/?q"}}]`,
		`[{"redirect":{"source_url":"https://a.test/","target_url":"https://b.test/?q","preserve_query_string":true}}]`,
		`[{"redirect":{"source_url":"https://a.test/","target_url":"https://b.test/","status_code":303}}]`,
		`[{"redirect":{"source_url":"https://a.test/","target_url":"https://b.test/"}},{"redirect":{"source_url":"https://A.test/","target_url":"https://c.test/"}}]`,
	} {
		if status, _, _ := ask(t, s, c, "PUT", items, "application/json", bad); status != 400 {
			t.Errorf("status %d for %s", status, bad)
		}
	}
	good := `[{"redirect":{"source_url":"https://a.test/","target_url":"https://b.test/"}}]`
	_, _, op := ask(t, s, c, "PUT", items, "application/json", good)
	if status, _, _ := ask(t, s, c, "PUT", items, "application/json", good); status != 429 {
		t.Errorf("a second write: status %d", status)
	}
	var walk []string
	for range 3 {
		if walk = append(walk, ""); len(s.Items("l")) != 0 {
			t.Errorf("items before the write is done: %v", walk)
		}
		_, _, state := ask(t, s, c, "GET", lists+"/bulk_operations/"+op["operation_id"].(string), "", "")
		walk[len(walk)-1] = state["status"].(string)
		if walk[len(walk)-1] == "running" {
			break
		}
	}
	if strings.Join(walk, " ") != "pending running" || len(s.Items("l")) != 1 {
		t.Errorf("states %v, items %v", walk, s.Items("l"))
	}
}
