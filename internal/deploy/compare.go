package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// Variables are compared by hashes that are keyed with the run's id and made
// where the values are: on the host for what containers have, here for what they
// are to have. No value crosses the connection.

// envLine prints, for every running container of the app and for its image, one
// "@env kind container image KEY hash" per variable.
func (e *Engine) envLine() string {
	const show = `{{range .Config.Env}}%s {{json .}}{{"\n"}}{{end}}`
	return fmt.Sprintf(`ids=$(docker ps -q --no-trunc %[1]s); [ -z "$ids" ] || { docker inspect -f '{{$c := .Id}}{{$i := .Image}}%[2]s' $ids; docker inspect -f '{{$i := .Id}}%[3]s' $(docker inspect -f '{{.Image}}' $ids | sort -u); } `+
		`| while read -r kind id image text; do [ -n "$text" ] || continue; key=${text#?}; hash=$(printf %%s "%[4]s$text" | sha256sum); echo "@variable $kind $id $image ${key%%%%=*} ${hash%%%% *}"; done`,
		e.app().Filters(""), fmt.Sprintf(show, "c {{$c}} {{$i}}"), fmt.Sprintf(show, "i - {{$i}}"), e.RunID)
}

// readVariable takes one line of envLine.
func readVariable(rest string, st *plan.HostState) {
	w := strings.Fields(rest)
	if len(w) != 5 {
		return
	}
	at := &st.ImageEnv
	key := w[2]
	if w[0] == "c" {
		at, key = &st.Env, w[1]
	}
	if *at == nil {
		*at = map[string]map[string]string{}
	}
	if (*at)[key] == nil {
		(*at)[key] = map[string]string{}
	}
	(*at)[key][w[3]] = w[4]
}

// variables are the keyed hashes of what containers are to have, by "host/role"
// and key; an empty hash cannot be compared.
func (e *Engine) variables(ctx context.Context) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	for _, host := range e.Selection.AppHosts {
		for _, role := range e.Selection.RolesOn(host) {
			vars, err := resolve.Environment(e.Config, role, host, func(name string) (string, error) {
				v, err := e.Secrets.Lookup(ctx, name)
				return v.Reveal(), err
			})
			if err != nil {
				return nil, err
			}
			hashes := map[string]string{}
			for key, entry := range vars {
				if hashes[key], err = e.keyedHash(entry); err != nil {
					return nil, err
				}
			}
			out[host+"/"+role.Name] = hashes
		}
	}
	return out, nil
}

func (e *Engine) keyedHash(entry string) (string, error) {
	if entry == "" {
		return "", nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text) // as docker's templates write it
	enc.SetEscapeHTML(false)
	if err := enc.Encode(entry); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(append([]byte(e.RunID), bytes.TrimSpace(text.Bytes())...))), nil
}

// compared are the hashes for a plan that compares variables; what stops it is
// said and stops nothing.
func (e *Engine) compared(ctx context.Context) map[string]map[string]string {
	if !e.CompareEnv {
		return nil
	}
	vars, err := e.variables(ctx)
	if err != nil {
		e.warn("", "variables are not compared: "+err.Error(), "")
		return nil
	}
	return vars
}
