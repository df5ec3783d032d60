package edge

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// ruleset is the account's entry point of the redirect phase. Rules are kept as
// the API sent them.
type ruleset struct {
	Description string            `json:"description,omitempty"`
	Rules       []json.RawMessage `json:"rules"`
}

// listRule is a rule that switches a list on.
type listRule struct {
	Ref              string         `json:"ref,omitempty"`
	Description      string         `json:"description,omitempty"`
	Enabled          bool           `json:"enabled"`
	Expression       string         `json:"expression"`
	Action           string         `json:"action"`
	ActionParameters ruleParameters `json:"action_parameters"`
}

type ruleParameters struct {
	FromList struct {
		Name string `json:"name"`
		Key  string `json:"key"`
	} `json:"from_list"`
}

func entrypoint(account string) string {
	return "accounts/" + url.PathEscape(account) + "/rulesets/phases/http_request_redirect/entrypoint"
}

// redirectRules reads the rules; an account without the entry point has none.
func (c *Client) redirectRules(ctx context.Context, account string) (ruleset, error) {
	var env envelope[ruleset]
	err := c.read(ctx, entrypoint(account), &env)
	if isNotFound(err) {
		return ruleset{}, nil
	}
	return env.Result, in(err, "read the redirect rules", ruleRights)
}

// hasList tells whether a rule uses a list, and whether it is switched on.
func (s ruleset) hasList(name string) (there, on bool) {
	for _, text := range s.Rules {
		var r listRule
		if json.Unmarshal(text, &r) == nil && r.ActionParameters.FromList.Name == name {
			there, on = true, on || r.Enabled
		}
	}
	return there, on
}

// with is the ruleset with a rule for a list behind those that are there, which
// keep their order: the first that matches wins.
func (s ruleset) with(name string) []any {
	r := listRule{
		Ref: "hwdeploy_" + name, Description: "Bulk redirects of the list " + name, Enabled: true,
		Expression: "http.request.full_uri in $" + name, Action: "redirect",
	}
	r.ActionParameters.FromList.Name, r.ActionParameters.FromList.Key = name, "http.request.full_uri"
	var all []any
	for _, text := range s.Rules {
		all = append(all, withoutReadOnly(text))
	}
	return append(all, r)
}

// withoutReadOnly drops what the API adds to a rule and does not take back.
func withoutReadOnly(text json.RawMessage) any {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		return text
	}
	delete(fields, "version")
	delete(fields, "last_updated")
	return fields
}

// addRule looks again at what is there: writing the items may have taken minutes,
// and all rules are replaced.
func (c *Client) addRule(ctx context.Context, r Redirects) error {
	now, err := c.redirectRules(ctx, r.Account)
	if err != nil {
		return err
	}
	if has, _ := now.hasList(r.List); has {
		return nil
	}
	err = c.write(ctx, http.MethodPut, entrypoint(r.Account), map[string]any{"rules": now.with(r.List)})
	return in(err, "add the rule for the list", ruleRights)
}
