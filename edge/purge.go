package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cloudflare/cloudflare-go/v7/cache"
)

// purgeBatch is how many URLs go in one request: what every plan was ever known
// to take (https://github.com/cloudflare/cloudflare-docs/issues/21338).
const purgeBatch = 30

const purgeRights = "Zone › Cache Purge › Purge"

// PurgeEverything empties the cache of a zone.
func (c *Client) PurgeEverything(ctx context.Context, zone string) error {
	var body cache.CachePurgeParamsBodyCachePurgeEverything
	body.PurgeEverything.Value, body.PurgeEverything.Present = true, true
	return in(c.purge(ctx, zone, body), "purge the whole cache of zone "+zone, purgeRights)
}

func (c *Client) purge(ctx context.Context, zone string, body cache.CachePurgeParamsBodyUnion) error {
	var p cache.CachePurgeParams
	p.ZoneID.Value, p.ZoneID.Present = zone, true
	p.Body = body
	_, err := cache.NewCacheService(c.library()...).Purge(ctx, p)
	return err
}

// Refusal is a URL that the API does not take.
type Refusal struct {
	URL string
	Err error
}

// PurgeURLs purges URLs in batches. done is called with those that the API has
// accepted, after each request. A batch that the API refuses is sent again in
// halves, so that one bad URL keeps no good one. Any other failure ends it.
func (c *Client) PurgeURLs(ctx context.Context, zone string, urls []string, done func([]string) error) ([]Refusal, error) {
	var refused []Refusal
	for len(urls) > 0 {
		n := min(len(urls), purgeBatch)
		bad, err := c.purgeBatch(ctx, zone, urls[:n], done)
		if refused = append(refused, bad...); err != nil {
			return refused, in(err, fmt.Sprintf("purge %d URLs of zone %s", n, zone), purgeRights)
		}
		urls = urls[n:]
	}
	return refused, nil
}

func (c *Client) purgeBatch(ctx context.Context, zone string, urls []string, done func([]string) error) ([]Refusal, error) {
	var body cache.CachePurgeParamsBodyCachePurgeSingleFile
	body.Files.Value, body.Files.Present = urls, true
	err := c.purge(ctx, zone, body)
	var e *Error
	switch {
	case err == nil:
		return nil, done(urls)
	case !errors.As(err, &e) || e.Kind != KindOther || e.Status != http.StatusBadRequest:
		return nil, err
	case len(urls) == 1:
		return []Refusal{{urls[0], in(err, "purge "+urls[0], purgeRights)}}, nil
	}
	left, err := c.purgeBatch(ctx, zone, urls[:len(urls)/2], done)
	if err != nil {
		return left, err
	}
	right, err := c.purgeBatch(ctx, zone, urls[len(urls)/2:], done)
	return append(left, right...), err
}
