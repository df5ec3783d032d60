package registryd

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Tokens serves the same images to who brings a token for the repository and the
// action. GET or POST /token gives tokens to the account, and to nobody else.
//
// Source: https://distribution.github.io/distribution/spec/auth/token/
func (s *Server) Tokens() http.Handler {
	t := &tokens{server: s, key: make([]byte, 32)}
	if _, err := rand.Read(t.key); err != nil {
		panic(err) // it never fails
	}
	return t
}

type tokens struct {
	server *Server
	key    []byte
}

func (t *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	defer t.server.note(rec, r)
	if r.URL.Path == "/token" {
		t.give(rec, r)
		return
	}
	need := scopeOf(r)
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !t.grants(token, need) {
		challenge := fmt.Sprintf(`Bearer realm="http://%s/token",service="lab"`, r.Host)
		if need != "" {
			challenge += fmt.Sprintf(`,scope=%q`, need)
		}
		if ok {
			challenge += `,error="insufficient_scope"`
		}
		rec.Header().Set("WWW-Authenticate", challenge)
		refuse(rec, http.StatusUnauthorized, "UNAUTHORIZED", "a token is required")
		return
	}
	t.server.serve(rec, r)
}

// scopeOf is what a request needs: "repository:demo/shop:pull,push".
func scopeOf(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/v2/")
	for _, part := range []string{"/blobs/", "/manifests/", "/tags/"} {
		if i := strings.Index(path, part); i > 0 {
			actions := "pull"
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				actions = "pull,push"
			}
			return "repository:" + path[:i] + ":" + actions
		}
	}
	return ""
}

// give answers a question for a token.
func (t *tokens) give(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	if r.Method == http.MethodPost {
		user, password = r.FormValue("username"), r.FormValue("password")
	}
	if user != t.server.Username || password != t.server.Password {
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "wrong name or password")
		return
	}
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "UNKNOWN", err.Error())
		return
	}
	token := t.sign(strings.Join(r.Form["scope"], " "))
	if err := json.NewEncoder(w).Encode(map[string]any{"token": token, "access_token": token, "expires_in": 300}); err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
}

func (t *tokens) sign(scopes string) string {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte(scopes))
	return base64.RawURLEncoding.EncodeToString([]byte(scopes)) + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// grants tells whether a token of ours holds all that is needed.
func (t *tokens) grants(token, need string) bool {
	text, _, _ := strings.Cut(token, ".")
	scopes, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !hmac.Equal([]byte(t.sign(string(scopes))), []byte(token)) {
		return false
	}
	if need == "" {
		return true
	}
	i := strings.LastIndex(need, ":")
	var granted []string
	for _, s := range strings.Fields(string(scopes)) {
		if rest, ok := strings.CutPrefix(s, need[:i+1]); ok {
			granted = append(granted, strings.Split(rest, ",")...)
		}
	}
	for _, action := range strings.Split(need[i+1:], ",") {
		if !slices.Contains(granted, action) {
			return false
		}
	}
	return true
}
