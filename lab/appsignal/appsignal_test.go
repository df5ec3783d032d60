package appsignal_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab/appsignal"
)

func TestUploads(t *testing.T) {
	srv := httptest.NewServer(appsignal.New())
	defer srv.Close()
	good := func() appsignal.Map {
		return appsignal.Map{
			Key: "lab-key", App: "shop", Environment: "production", Revision: "v1",
			Names: []string{"https://cdn.example.test/packs/a-1.js", "https://www.example.test/packs/a-1.js"}, File: "a-1.js.map", Text: []byte(`{"version":3}`),
		}
	}
	if err := appsignal.Send(t.Context(), srv.URL, good()); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*appsignal.Map){
		"404":                        func(m *appsignal.Map) { m.Key = "other" },
		"environment can't be blank": func(m *appsignal.Map) { m.Environment = " " },
		"revision can't be blank":    func(m *appsignal.Map) { m.Revision = "" },
		"name can't be blank":        func(m *appsignal.Map) { m.Names = nil },
		"no full URL":                func(m *appsignal.Map) { m.Names = []string{"/packs/a-1.js"} },
		"of a minified file":         func(m *appsignal.Map) { m.Names = []string{"https://cdn.example.test/a-1.js.map"} },
		"no source map":              func(m *appsignal.Map) { m.Text = []byte("<html>") },
	} {
		m := good()
		change(&m)
		if err := appsignal.Send(t.Context(), srv.URL, m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	all, err := appsignal.Uploads(t.Context(), srv.URL)
	if err != nil || len(all) != 1 || all[0].File != "a-1.js.map" || all[0].Revision != "v1" || len(all[0].Names) != 2 || all[0].KeyInURL {
		t.Errorf("%+v, %v", all, err)
	}
	if err := appsignal.Reset(t.Context(), srv.URL); err != nil {
		t.Fatal(err)
	}
	if all, err := appsignal.Uploads(t.Context(), srv.URL); err != nil || len(all) != 0 {
		t.Errorf("after the reset: %+v, %v", all, err)
	}
}
