package edge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/rules"

	"github.com/warmlyyours/hwdeploy/edge/redirect"
)

const (
	itemsPerPage = 500
	// operationLimit is how long a bulk operation is waited for.
	operationLimit = 10 * time.Minute
)

// listItem is an item as the API has it.
type listItem struct {
	Redirect apiRedirect `json:"redirect"`
	Comment  string      `json:"comment,omitempty"`
}

// apiRedirect leaves out what has the API's default.
type apiRedirect struct {
	SourceURL           string `json:"source_url"`
	TargetURL           string `json:"target_url"`
	StatusCode          int    `json:"status_code,omitempty"`
	PreserveQueryString *bool  `json:"preserve_query_string,omitempty"`
	IncludeSubdomains   *bool  `json:"include_subdomains,omitempty"`
	SubpathMatching     *bool  `json:"subpath_matching,omitempty"`
	PreservePathSuffix  *bool  `json:"preserve_path_suffix,omitempty"`
}

func (i listItem) value() redirect.Redirect {
	or := func(b *bool, def bool) bool {
		if b == nil {
			return def
		}
		return *b
	}
	r := i.Redirect
	status := r.StatusCode
	if status == 0 {
		status = 301
	}
	return redirect.Redirect{
		SourceURL: r.SourceURL, TargetURL: r.TargetURL, StatusCode: status,
		PreserveQueryString: or(r.PreserveQueryString, false), IncludeSubdomains: or(r.IncludeSubdomains, false),
		SubpathMatching: or(r.SubpathMatching, false), PreservePathSuffix: or(r.PreservePathSuffix, true),
	}
}

// findList gives the id of the list; "" when there is none.
func (c *Client) findList(ctx context.Context, r Redirects) (string, error) {
	var p rules.ListListParams
	p.AccountID.Value, p.AccountID.Present = r.Account, true
	var env envelope[[]struct{ ID, Name, Kind string }]
	_, err := rules.NewListService(c.library()...).List(ctx, p, option.WithResponseBodyInto(&env))
	if err != nil {
		return "", in(err, "look for the list "+r.List, listRights)
	}
	for _, l := range env.Result {
		if l.Name == r.List && l.Kind != "redirect" {
			return "", fmt.Errorf("the list %s holds items of kind %s, not redirects", r.List, l.Kind)
		}
		if l.Name == r.List {
			return l.ID, nil
		}
	}
	return "", nil
}

func (c *Client) makeList(ctx context.Context, r Redirects) (string, error) {
	var p rules.ListNewParams
	p.AccountID.Value, p.AccountID.Present = r.Account, true
	p.Name.Value, p.Name.Present = r.List, true
	p.Kind.Value, p.Kind.Present = rules.ListNewParamsKindRedirect, true
	l, err := rules.NewListService(c.library()...).New(ctx, p)
	if isLost(err) {
		if id, ferr := c.findList(ctx, r); ferr == nil && id != "" {
			return id, nil
		}
	}
	if err != nil {
		return "", in(err, "make the list "+r.List, listRights)
	}
	return l.ID, nil
}

func (c *Client) listItems(ctx context.Context, account, list string) ([]listItem, error) {
	var all []listItem
	var p rules.ListItemListParams
	p.AccountID.Value, p.AccountID.Present = account, true
	p.PerPage.Value, p.PerPage.Present = itemsPerPage, true
	for {
		var env envelope[[]listItem]
		_, err := rules.NewListItemService(c.library()...).List(ctx, list, p, option.WithResponseBodyInto(&env))
		if err != nil {
			return nil, in(err, "read the redirects that are there", listRights)
		}
		all = append(all, env.Result...)
		next := env.ResultInfo.Cursors.After
		if next == "" {
			return all, nil
		}
		p.Cursor.Value, p.Cursor.Present = next, true
	}
}

// BusyError is a write that the API refuses since another one is under way: an
// account has one at a time.
type BusyError struct{ Err error }

func (e *BusyError) Error() string {
	return "somebody else is writing to a list of this Cloudflare account; nothing was written here: " + e.Err.Error()
}
func (e *BusyError) Unwrap() error { return e.Err }

// Hints are what to try.
func (e *BusyError) Hints() []string {
	return []string{"wait until the other write is done, then run `hwdeploy edge redirects`"}
}

// throttled is the code of the rate limit that counts all requests.
const throttled = 971

func (c *Client) replaceItems(ctx context.Context, r Redirects, plan RedirectPlan, progress func(string)) error {
	text, err := json.Marshal(plan.items)
	if err != nil {
		return err
	}
	var p rules.ListItemUpdateParams
	p.AccountID.Value, p.AccountID.Present = r.Account, true
	res, err := rules.NewListItemService(c.library()...).Update(ctx, plan.list, p, option.WithRequestBody("application/json", text))
	op := fmt.Sprintf("write %d redirects", len(plan.items))
	var e *Error
	if errors.As(err, &e) && e.Kind == KindRateLimited && !e.Has(throttled) && !e.Lost {
		return &BusyError{in(err, op, listRights)}
	}
	if err != nil {
		return in(err, op, listRights)
	}
	progress(fmt.Sprintf("%s: accepted, waiting for Cloudflare to finish", op))
	return in(c.finished(ctx, r.Account, res.OperationID), op, listRights)
}

// finished waits for a bulk operation.
func (c *Client) finished(ctx context.Context, account, id string) error {
	var p rules.ListBulkOperationGetParams
	p.AccountID.Value, p.AccountID.Present = account, true
	look := func() (struct{}, error) {
		var env envelope[struct{ Status, Error string }]
		_, err := rules.NewListBulkOperationService(c.library()...).Get(ctx, id, p, option.WithResponseBodyInto(&env))
		switch s := env.Result; {
		case err != nil:
			return struct{}{}, backoff.Permanent(err)
		case s.Status == "completed":
			return struct{}{}, nil
		case s.Status == "failed":
			return struct{}{}, backoff.Permanent(fmt.Errorf("operation %s failed: %s", id, s.Error))
		default:
			return struct{}{}, fmt.Errorf("operation %s is still %s", id, s.Status)
		}
	}
	wait := &backoff.ExponentialBackOff{InitialInterval: c.o.Poll, Multiplier: 1.5, MaxInterval: 16 * c.o.Poll}
	_, err := backoff.Retry(ctx, look, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(operationLimit))
	return err
}

// itemOf says every boolean.
func itemOf(r redirect.Redirect, comment string) listItem {
	return listItem{Comment: comment, Redirect: apiRedirect{
		SourceURL: r.SourceURL, TargetURL: r.TargetURL, StatusCode: r.StatusCode,
		PreserveQueryString: &r.PreserveQueryString, IncludeSubdomains: &r.IncludeSubdomains,
		SubpathMatching: &r.SubpathMatching, PreservePathSuffix: &r.PreservePathSuffix,
	}}
}
