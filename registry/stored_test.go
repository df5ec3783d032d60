package registry_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/registry"
)

// What passes is waited for by the checks, too, which the library does not do.
func TestChecksAreTriedAgain(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		s := newServer(t, "basic")
		left := 2
		s.setFault(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || left == 0 {
				return false
			}
			left--
			refuse(w, status, "TOOMANYREQUESTS", "slow down")
			return true
		})
		if err := s.client(t).CheckPush(t.Context(), s.repo()); err != nil || left != 0 {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// Docker's own file gives the credentials of other registries: as they stand
// there, as a token, or by a helper.
func TestStored(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	if user, password := registry.Stored("ghcr.io"); user != "" || !password.IsZero() {
		t.Errorf("without a file: %q", user)
	}
	auth := base64.StdEncoding.EncodeToString([]byte("bob:pw"))
	config := `{"auths": {"ghcr.io": {"auth": "` + auth + `"}, "token.test": {"auth": "` + auth + `", "identitytoken": "tok"},
		"https://index.docker.io/v1/": {"auth": "` + auth + `"}}, "credHelpers": {"helped.test": "lab", "broken.test": "none"}}`
	helper := "#!/bin/sh\necho '{\"ServerURL\": \"helped.test\", \"Username\": \"ann\", \"Secret\": \"from a helper\"}'\n"
	for name, text := range map[string]string{"config.json": config, "docker-credential-lab": helper} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	for host, want := range map[string]string{
		"ghcr.io": "bob pw", "token.test": " tok", "docker.io": "bob pw", "helped.test": "ann from a helper", "broken.test": " ", "other.test": " ",
	} {
		user, password := registry.Stored(host)
		if got := user + " " + password.Reveal(); got != want {
			t.Errorf("%s: %q, wanted %q", host, got, strings.TrimSpace(want))
		}
	}
}
