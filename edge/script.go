package edge

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// scriptSettings are kept with the script, not with a version of it.
var scriptSettings = []string{"logpush", "tail_consumers"}

// script is one script of an account.
type script struct {
	*Client
	name string
	path string
}

func (c *Client) script(account, name string) script {
	return script{c, name, "accounts/" + url.PathEscape(account) + "/workers/scripts/" + url.PathEscape(name)}
}

func (s script) in(err error, op string) error { return in(err, op+" "+s.name, scriptRights) }

// isNoScript tells that there is no script of that name: code 10007, or 10090
// from where environments were services.
func isNoScript(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Has(10007) || e.Has(10090))
}

// version is a version as the API lists it.
type version struct {
	id, tag string
}

type annotations struct {
	Message string `json:"workers/message,omitempty"`
	Tag     string `json:"workers/tag,omitempty"`
}

type deployment struct {
	Strategy string `json:"strategy"`
	Versions []struct {
		ID         string  `json:"version_id"`
		Percentage float64 `json:"percentage"`
	} `json:"versions"`
}

// only is the version that serves everything; "" when several share.
func (d deployment) only() string {
	if len(d.Versions) == 1 {
		return d.Versions[0].ID
	}
	return ""
}

// deployments lists them, the live one first.
func (s script) deployments(ctx context.Context) ([]deployment, error) {
	var env envelope[struct{ Deployments []deployment }]
	err := s.read(ctx, s.path+"/deployments", &env)
	return env.Result.Deployments, s.in(err, "read the deployments of the worker")
}

// live is the version that serves, with the tag that its deploy put on it: one
// that somebody made otherwise has none of ours.
func (s script) live(ctx context.Context) (version, error) {
	all, err := s.deployments(ctx)
	if err != nil || len(all) == 0 || all[0].only() == "" {
		return version{}, err
	}
	id := all[0].only()
	var env envelope[struct{ Annotations annotations }]
	err = s.read(ctx, s.path+"/versions/"+url.PathEscape(id), &env)
	return version{id, env.Result.Annotations.Tag}, s.in(err, "read the live version of the worker")
}

// before is the version that was live before the one that is.
func (s script) before(ctx context.Context) (string, error) {
	all, err := s.deployments(ctx)
	if err != nil || len(all) == 0 {
		return "", errors.Join(err, ErrNoVersion)
	}
	i := slices.IndexFunc(all, func(d deployment) bool { return d.only() != "" && d.only() != all[0].only() })
	if i < 0 {
		return "", ErrNoVersion
	}
	return all[i].only(), nil
}

// upload sends the script, and gives the version that is live then.
func (s script) upload(ctx context.Context, w Worker, p WorkerPlan) (string, error) {
	meta := metadata(w.Worker, w.Script, p.First)
	meta["annotations"] = annotations{Message: "hwdeploy", Tag: p.tag}
	body, err := form(meta, w.Script.Modules)
	if err != nil {
		return "", err
	}
	if p.First {
		if err := s.call(ctx, http.MethodPut, s.path+"?excludeScript=true&bindings_inherit=strict", body, nil); err != nil {
			return "", s.in(err, "upload the worker")
		}
		v, err := s.live(ctx)
		return v.id, err
	}
	var env envelope[struct{ ID string }]
	if err := s.call(ctx, http.MethodPost, s.path+"/versions?bindings_inherit=strict", body, &env); err != nil {
		return "", s.in(err, "upload a version of the worker")
	}
	if err := s.settings(ctx, w.Metadata); err != nil {
		return "", err
	}
	return env.Result.ID, s.deploy(ctx, env.Result.ID, "hwdeploy")
}

// deploy makes a version serve everything.
func (s script) deploy(ctx context.Context, id, message string) error {
	body := map[string]any{
		"strategy":    "percentage",
		"versions":    []map[string]any{{"version_id": id, "percentage": 100}},
		"annotations": annotations{Message: message},
	}
	return s.in(s.write(ctx, http.MethodPost, s.path+"/deployments", body), "deploy version "+id+" of the worker")
}

// settings are sent as far as the file has them. observability is known in both
// places.
func (s script) settings(ctx context.Context, all map[string]any) error {
	body := map[string]any{}
	for _, k := range append([]string{"observability"}, scriptSettings...) {
		if v, ok := all[k]; ok {
			body[k] = v
		}
	}
	if len(body) == 0 {
		return nil
	}
	return s.in(s.write(ctx, http.MethodPatch, s.path+"/script-settings", body), "change the settings of the worker")
}
