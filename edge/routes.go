package edge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/warmlyyours/hwdeploy/edge/wrangler"
)

// missingRoutes are those that do not lead to the worker yet. One that leads to
// another worker is an error. Routes that the file does not name are left alone,
// as wrangler leaves them.
func (c *Client) missingRoutes(ctx context.Context, w Worker) ([]wrangler.Route, error) {
	var missing []wrangler.Route
	known := map[string]map[string]string{} // by zone: pattern → worker
	for _, r := range w.Routes {
		zone := zoneOf(w, r)
		if r.CustomDomain {
			zone = "domains"
		}
		if _, ok := known[zone]; !ok {
			var err error
			if known[zone], err = c.routesOf(ctx, w, r); err != nil {
				return nil, err
			}
		}
		switch worker, ok := known[zone][r.Pattern]; {
		case !ok:
			missing = append(missing, r)
		case worker == "":
			return nil, fmt.Errorf("route %s is kept free of workers at Cloudflare; remove it there first", r.Pattern)
		case worker != w.Name:
			return nil, fmt.Errorf("route %s belongs to the worker %q, not %s; take it from there first", r.Pattern, worker, w.Name)
		}
	}
	return missing, nil
}

func zoneOf(w Worker, r wrangler.Route) string {
	if r.ZoneID != "" {
		return r.ZoneID
	}
	return w.Zone
}

func zoneRoutes(zone string) string { return "zones/" + url.PathEscape(zone) + "/workers/routes" }

func domains(account string) string {
	return "accounts/" + url.PathEscape(account) + "/workers/domains"
}

// routesOf reads the routes of a route's zone, or all custom domains.
func (c *Client) routesOf(ctx context.Context, w Worker, r wrangler.Route) (map[string]string, error) {
	var env envelope[[]struct{ Pattern, Script, Hostname, Service string }]
	path := zoneRoutes(zoneOf(w, r))
	if r.CustomDomain {
		path = domains(w.Account)
	}
	if err := c.read(ctx, path, &env); err != nil {
		return nil, in(err, "read the routes of workers", routeRights)
	}
	all := map[string]string{}
	for _, x := range env.Result {
		if r.CustomDomain {
			all[x.Hostname] = x.Service
			continue
		}
		all[x.Pattern] = x.Script
	}
	return all, nil
}

func (c *Client) addRoute(ctx context.Context, w Worker, r wrangler.Route) error {
	var err error
	if r.CustomDomain {
		body := map[string]string{"hostname": r.Pattern, "service": w.Name, "environment": "production", "zone_id": zoneOf(w, r)}
		err = c.write(ctx, http.MethodPut, domains(w.Account), body)
	} else {
		err = c.write(ctx, http.MethodPost, zoneRoutes(zoneOf(w, r)), map[string]string{"pattern": r.Pattern, "script": w.Name})
	}
	if isLost(err) {
		if there, rerr := c.routesOf(ctx, w, r); rerr == nil && there[r.Pattern] == w.Name {
			return nil
		}
	}
	return in(err, "add the route "+r.Pattern, routeRights)
}

type subdomain struct {
	Enabled  bool `json:"enabled"`
	Previews bool `json:"previews_enabled"`
}

func (s script) otherSubdomain(ctx context.Context, w Worker) (bool, error) {
	var env envelope[subdomain]
	err := s.read(ctx, s.path+"/subdomain", &env)
	return env.Result != subdomain{w.WorkersDev, w.PreviewURLs}, s.in(err, "read the workers.dev address of")
}

// setSubdomain is said in so many words: a script may stay reachable otherwise.
func (s script) setSubdomain(ctx context.Context, w Worker) error {
	err := s.write(ctx, http.MethodPost, s.path+"/subdomain", subdomain{w.WorkersDev, w.PreviewURLs})
	return s.in(err, "set the workers.dev address of")
}

type cron struct {
	Cron string `json:"cron"`
}

// otherCrons compares as sets; a file that says nothing leaves them alone.
func (s script) otherCrons(ctx context.Context, w Worker) (bool, error) {
	if w.Crons == nil {
		return false, nil
	}
	var env envelope[struct{ Schedules []cron }]
	err := s.read(ctx, s.path+"/schedules", &env)
	there := []string{}
	for _, x := range env.Result.Schedules {
		there = append(there, x.Cron)
	}
	wanted := slices.Clone(w.Crons)
	slices.Sort(there)
	slices.Sort(wanted)
	return !slices.Equal(there, wanted), s.in(err, "read the cron triggers of")
}

func (s script) setCrons(ctx context.Context, list []string) error {
	body := []cron{}
	for _, x := range list {
		body = append(body, cron{x})
	}
	return s.in(s.write(ctx, http.MethodPut, s.path+"/schedules", body), "set the cron triggers of")
}
