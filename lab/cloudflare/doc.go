// Package cloudflare is a stand-in for the parts of Cloudflare's API that a
// deploy uses, over https with a certificate authority of its own.
//
// Laws: what the real one refuses is refused here, with its status, code and
// envelope; everything that was sent is kept, so that a test can look; nothing is
// answered without the token.
//
// Sources: https://developers.cloudflare.com/api/, the docs of purge, workers'
// multipart metadata, lists and bulk redirects, and
// https://github.com/cloudflare/workers-sdk (the fakes of wrangler's tests).
package cloudflare
