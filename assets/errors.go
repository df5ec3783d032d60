package assets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/warmlyyours/hwdeploy/internal/neterr"
)

// Kind is why a request failed.
type Kind string

// The kinds of Error.
const (
	Other       Kind = "other"
	Credentials Kind = "credentials" // unknown key, or a wrong secret
	Denied      Kind = "denied"      // known, but not allowed
	NoBucket    Kind = "no bucket"
	Busy        Kind = "busy"        // 429 or 5xx, after all tries
	Unreachable Kind = "unreachable" // no answer at all
)

// Error is a request that failed, after retries where they make sense.
type Error struct {
	Endpoint, Bucket string
	Op               string // in words: "list the keys"
	Kind             Kind
	Status           int    // of HTTP; 0 = none
	Code, Text       string // the server's own words
	Err              error
}

// Error reads "bucket b at https://…: list the keys: NoSuchBucket: … (404)".
func (e *Error) Error() string {
	text := fmt.Sprintf("bucket %s at %s: %s: ", e.Bucket, e.Endpoint, e.Op)
	if e.Code == "" {
		return text + e.Text
	}
	if e.Text == "" {
		return fmt.Sprintf("%s%s (%d)", text, e.Code, e.Status)
	}
	return fmt.Sprintf("%s%s: %s (%d)", text, e.Code, e.Text, e.Status)
}

func (e *Error) Unwrap() error { return e.Err }

// Hints say what to try.
func (e *Error) Hints() []string {
	switch e.Kind {
	case Credentials:
		return []string{"check the secrets that x-hwdeploy/assets/access_key and secret_key name"}
	case Denied:
		return []string{"the key needs to read and write objects of bucket " + e.Bucket}
	case NoBucket:
		return []string{"create the bucket, or correct x-hwdeploy/assets/bucket"}
	case Busy:
		return []string{"try again; what was sent stays and is not sent again"}
	case Unreachable:
		return []string{"check x-hwdeploy/assets/endpoint and the network"}
	}
	return nil
}

// IsRefused tells that the server could not be reached, or refused the key.
func IsRefused(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Kind == Unreachable || e.Kind == Credentials || e.Kind == Denied)
}

// kinds are by the code of the answer: R2's and S3's.
var kinds = map[string]Kind{
	"InvalidAccessKeyId": Credentials, "SignatureDoesNotMatch": Credentials, "Unauthorized": Credentials,
	"AuthorizationHeaderMalformed": Credentials,
	"AccessDenied":                 Denied, "NoSuchBucket": NoBucket,
}

func (b *Bucket) fail(op string, err error) error {
	out := &Error{Endpoint: b.o.Endpoint, Bucket: b.o.Bucket, Op: op, Kind: Other, Text: err.Error(), Err: err}
	if errors.Is(err, context.Canceled) {
		return context.Canceled // nobody wants to read more
	}
	var answered *awshttp.ResponseError
	if errors.As(err, &answered) && answered.Response != nil {
		out.Status = answered.HTTPStatusCode()
	}
	if out.Status == 0 {
		out.Kind, out.Text = Unreachable, neterr.Text(err)
		return out
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		out.Code, out.Text = api.ErrorCode(), api.ErrorMessage()
	}
	switch k, ok := kinds[out.Code]; {
	case ok:
		out.Kind = k
	case out.Status == http.StatusUnauthorized, out.Code == "InvalidArgument" && strings.HasPrefix(out.Text, "Credential"): // R2, of a key that can't be one
		out.Kind = Credentials
	case out.Status == http.StatusForbidden:
		out.Kind = Denied
	case out.Status == http.StatusTooManyRequests || out.Status >= http.StatusInternalServerError:
		out.Kind = Busy
	}
	return out
}

func notThere(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "NoSuchKey"
}
