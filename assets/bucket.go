package assets

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Options say which files go where.
type Options struct {
	Endpoint             string // "https://ACCOUNT.r2.cloudflarestorage.com"
	Bucket, Prefix       string
	AccessKey, SecretKey secret.Secret
	Paths                []string // folders in the source
	Exclude              []string // globs over names below a folder: "**/*.txt"
	Parallel             int      // writes at once; 0 = 64
}

// Bucket is one bucket with the rules for what goes into it. It is safe for use
// from many goroutines.
type Bucket struct {
	o   Options
	api *s3.Client
}

const (
	parallel = 64
	attempts = 6                // of one request
	longest  = 4 * time.Second  // between two of them
	silence  = 30 * time.Second // of a server that took a request
)

// New checks the options; nothing is asked of the bucket. Errors: *ConfigError.
func New(o Options) (*Bucket, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, &ConfigError{Key: "endpoint", Text: "\"" + o.Endpoint + "\" is no https:// address"}
	}
	for _, g := range o.Exclude {
		if !doublestar.ValidatePattern(g) {
			return nil, &ConfigError{Key: "exclude", Text: "\"" + g + "\" is no glob"}
		}
	}
	o.Prefix = strings.Trim(o.Prefix, "/")
	if o.Parallel == 0 {
		o.Parallel = parallel
	}
	return &Bucket{o: o, api: client(o)}, nil
}

// client is set so that a plain PutObject stays plain: no checksum trailer, which
// R2 and other servers refuse, and addresses by path.
func client(o Options) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(strings.TrimSuffix(o.Endpoint, "/")), Region: "auto", UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: o.AccessKey.Reveal(), SecretAccessKey: o.SecretKey.Reveal()}, nil
		}),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost, t.ResponseHeaderTimeout = o.Parallel, silence
		}),
		Retryer: retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff = attempts, longest
			r.RateLimiter = ratelimit.None // a client-side quota would give up in the middle of a big copy
			r.Retryables = append(r.Retryables, retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}}})
		}),
	})
}

// key is where a file of a folder lies in the bucket.
func (b *Bucket) key(name string) string {
	if b.o.Prefix == "" {
		return name
	}
	return b.o.Prefix + "/" + name
}

// stored gives the size of every object under the prefix, by key.
func (b *Bucket) stored(ctx context.Context) (map[string]int64, error) {
	in := &s3.ListObjectsV2Input{Bucket: &b.o.Bucket}
	if b.o.Prefix != "" {
		in.Prefix = aws.String(b.o.Prefix + "/")
	}
	out := map[string]int64{}
	for pages := s3.NewListObjectsV2Paginator(b.api, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, b.fail("list the keys", err)
		}
		for _, o := range page.Contents {
			out[aws.ToString(o.Key)] = aws.ToInt64(o.Size)
		}
	}
	return out, nil
}

// ConfigError is an option that makes no sense.
type ConfigError struct{ Key, Text string }

func (e *ConfigError) Error() string { return "x-hwdeploy/assets/" + e.Key + ": " + e.Text }

// IsConfig tells that the configuration is at fault: an option, a folder that the
// image does not have, or a bucket that does not exist.
func IsConfig(err error) bool {
	var c *ConfigError
	var f *FolderError
	var e *Error
	return errors.As(err, &c) || errors.As(err, &f) || errors.As(err, &e) && e.Kind == NoBucket
}
