package edge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/edge/redirect"
)

const (
	listRights = "Account › Account Filter Lists › Edit"
	ruleRights = "Account › Account Rulesets › Edit"
)

// Redirects are the bulk redirects of one list.
type Redirects struct {
	Account, List string
	Wanted        []redirect.Redirect
}

// RedirectPlan is what has to be done so that Wanted is what Cloudflare serves.
type RedirectPlan struct {
	Diff redirect.Diff
	// ListMissing and RuleMissing: there is no list of that name, or no rule that
	// switches it on. RuleOff: there is one, which somebody has switched off.
	ListMissing, RuleMissing, RuleOff bool

	total int
	list  string
	items []listItem
}

// Empty tells that there is nothing to do.
func (p RedirectPlan) Empty() bool { return p.Diff.Empty() && !p.RuleMissing && !p.ListMissing }

// String sums the plan up.
func (p RedirectPlan) String() string {
	var does []string
	add := func(n int, word string) {
		if n > 0 {
			does = append(does, fmt.Sprintf("%d %s", n, word))
		}
	}
	add(len(p.Diff.Added), "added")
	add(len(p.Diff.Changed), "changed")
	add(len(p.Diff.Removed), "removed")
	if len(does) == 0 {
		does = []string{"unchanged"}
	}
	if p.RuleMissing {
		does = append(does, "the rule for the list is new")
	}
	if p.RuleOff {
		does = append(does, "the rule for the list is switched off, and stays so")
	}
	return fmt.Sprintf("%d redirects: %s", p.total, strings.Join(does, ", "))
}

// PlanRedirects compares with what is there, and changes nothing.
func (c *Client) PlanRedirects(ctx context.Context, r Redirects) (RedirectPlan, error) {
	p := RedirectPlan{total: len(r.Wanted)}
	if len(r.Wanted) == 0 {
		return p, errors.New("the files hold no redirects: that would empty the list " + r.List)
	}
	var err error
	if p.list, err = c.findList(ctx, r); err != nil {
		return p, err
	}
	p.ListMissing = p.list == ""
	var there []listItem
	if !p.ListMissing {
		if there, err = c.listItems(ctx, r.Account, p.list); err != nil {
			return p, err
		}
	}
	comments := map[string]string{}
	var old []redirect.Redirect
	for _, i := range there {
		old = append(old, i.value())
		comments[i.value().Key()] = i.Comment
	}
	for _, w := range r.Wanted {
		p.items = append(p.items, itemOf(w, comments[w.Key()]))
	}
	p.Diff = redirect.Compare(old, r.Wanted)
	rules, err := c.redirectRules(ctx, r.Account)
	if err != nil {
		return p, err
	}
	has, on := rules.hasList(r.List)
	p.RuleMissing, p.RuleOff = !has, has && !on
	return p, nil
}

// UploadRedirects does what the plan says: one write of all items, waited for,
// and then the rule that switches the list on.
func (c *Client) UploadRedirects(ctx context.Context, r Redirects, p RedirectPlan, progress func(string)) (err error) {
	if p.ListMissing {
		if p.list, err = c.makeList(ctx, r); err != nil {
			return err
		}
		progress("made the list " + r.List)
	}
	if !p.Diff.Empty() {
		if err := c.replaceItems(ctx, r, p, progress); err != nil {
			return err
		}
	}
	if p.RuleMissing {
		if err := c.addRule(ctx, r); err != nil {
			return err
		}
		progress("added the rule that switches the list on")
	}
	return nil
}
