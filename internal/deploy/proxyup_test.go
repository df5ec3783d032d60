package deploy

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// A docker run that finds its port taken leaves a container with the settings of
// that moment; the next deploy would start that, whatever was mended.
func TestAProxyThatNeverRanIsNotLeft(t *testing.T) {
	for _, c := range []struct {
		up         plan.ProxyUp
		state      string
		removed    bool
		wantInText string
	}{
		{plan.ProxyUp{Run: true}, "created", true, "is something else listening there?"},
		{plan.ProxyUp{Run: true}, "exited", false, "is something else listening there?"},
		{plan.ProxyUp{Start: true}, "created", false, "proxy reboot"},
	} {
		removed := false
		h := withLines(t, func(line string) (run.Result, error) {
			if strings.Contains(line, "docker run") {
				return run.Result{}, &run.ExitError{Code: 125, Stderr: "port is already allocated"}
			}
			return run.Result{}, nil
		}, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/start"):
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = io.WriteString(w, `{"message":"port is already allocated"}`)
			case r.Method == http.MethodDelete:
				removed = true
				w.WriteHeader(http.StatusNoContent)
			default:
				_, _ = io.WriteString(w, `{"Id":"1","State":{"Status":"`+c.state+`"},"Config":{},"HostConfig":{}}`)
			}
		})
		e := &Engine{Config: &config.Config{}, hosts: map[string]Host{"a": h}}
		_, err := newWorker(e, Request{}, &held{}).do(t.Context(), plan.Step{Kind: plan.Proxy, Host: "a", Proxy: &c.up})
		if err == nil || !strings.Contains(err.Error(), "port is already allocated") || !strings.Contains(err.Error(), c.wantInText) {
			t.Errorf("%+v: %v", c.up, err)
		}
		if removed != c.removed {
			t.Errorf("%+v, %s: removed %v", c.up, c.state, removed)
		}
	}
}
