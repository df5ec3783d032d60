// Package edge is Cloudflare: purging the cache, the edge worker and the bulk
// redirects. It takes plain values; what is configured where is the caller's.
//
// Laws: nothing is sent that is there already; what the API did not accept is
// never taken for done; an answer is judged by status and body both; a token is
// sent to one host over https, and to nobody else.
//
// Purge and lists go through cloudflare-go's cache and rules packages. Its
// packages for rulesets and workers would add 4.2 MB to the binary, and their
// upload form is wrong, so those few calls are made here; every call takes the
// same way (send).
//
// Sources: https://developers.cloudflare.com/api/,
// https://developers.cloudflare.com/fundamentals/api/reference/limits/,
// https://github.com/cloudflare/cloudflare-go (v7).
package edge
