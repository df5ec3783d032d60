// Package wrangler reads a Worker's configuration file as wrangler does:
// wrangler.toml, wrangler.json or wrangler.jsonc, one environment of it.
//
// Laws: a key that is not known, or not served, is refused at its line, since a
// binding that is left out is removed from production; keys that concern only
// wrangler's own machine are passed over; every mistake is found.
//
// Source: developers.cloudflare.com/workers/wrangler/configuration/.
package wrangler
