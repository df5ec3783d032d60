package deploy

import (
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
)

// The maps lie in the web containers: a run of the workers alone sends none.
func TestSourcemapsAreLeftToThePrimaryRole(t *testing.T) {
	rec := &recorder{}
	e := &Engine{
		Config: &config.Config{
			PrimaryRole: "web", Roles: []*config.Role{{Name: "web"}, {Name: "sidekiq"}},
			Extension: config.Extension{Sourcemaps: &config.Sourcemaps{Cmd: "bin/upload-sourcemaps"}},
		},
		Selection: &config.Selection{PrimaryHost: "b", PrimaryRole: "sidekiq"}, Sink: rec,
	}
	if err := e.sourcemaps(t.Context(), Request{Flow: true, Version: "v1"}); err != nil || len(rec.events) > 0 {
		t.Errorf("%v, %+v", err, rec.events)
	}
}
