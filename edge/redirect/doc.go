// Package redirect reads the CSV files of bulk redirects, in the form of
// Cloudflare's dashboard, and says what differs between two sets.
//
// Laws: every mistake is found, each at file:line; a Redirect is what the API is
// sent, with every boolean said, since the defaults of file and API differ.
//
// Sources: developers.cloudflare.com/rules/url-forwarding/bulk-redirects/
// reference/csv-file-format/ and reference/parameters/.
package redirect
