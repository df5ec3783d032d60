// Package assets copies hashed files of a release into an S3 bucket (Cloudflare
// R2 as a rule), from wherever a Source finds them.
//
// Laws:
//   - names first, then only the bytes that the bucket lacks;
//   - additive: nothing is ever deleted, and what is there is not sent again;
//   - a question costs one LIST per 1,000 keys and no HEAD; a release or a set of
//     files that was copied before costs one GET, or two with names without a hash;
//   - a manifest is written last, so that an interrupted run is taken up by the
//     next one;
//   - source maps, manifests of bundlers and dot files never leave the image;
//   - credentials are unwrapped where a request is signed and appear nowhere else.
//
// What lies in the bucket, beside the files under the prefix:
//
//	.hwdeploy/releases/<id>.json   one release, by the digests of its image's layers
//	.hwdeploy/sets/<id>.jsonl      one set of files: a header, then a line per file
//	.hwdeploy/latest/<id>.txt      which set names without a hash were last written from
//
// The first two say that all files of the release or set are in the bucket; of one
// that has names without a hash only as long as the third names its set.
//
// Sources: https://developers.cloudflare.com/r2/api/s3/api/,
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html,
// https://github.com/rails/propshaft, https://github.com/shakacode/shakapacker
// (what bundlers leave in a folder).
package assets
