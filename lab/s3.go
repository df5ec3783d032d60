package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/warmlyyours/hwdeploy/lab/s3d"
)

// S3 is the lab's bucket service, seen with the account that may do everything.
// The guest is known there and may do nothing.
type S3 struct {
	Endpoint string // "http://172.28.0.7:9000"
	Account  s3d.Account
	Guest    s3d.Account
	control  string
}

// Object is what a bucket holds under one key.
type Object struct {
	Type, Cache string // headers
	Data        []byte
}

func newS3(ip string) *S3 {
	return &S3{
		Endpoint: "http://" + ip + ":9000", control: "http://" + ip + ":9001",
		Account: s3d.Account{Key: "lab-access-key", Secret: "lab-bucket-secret"},
		Guest:   s3d.Account{Key: "lab-guest-key", Secret: "lab-guest-secret"},
	}
}

func (l *Lab) startS3(ctx context.Context, p parts, fresh bool) error {
	err := l.service(ctx, "s3", p.serviceImage, s3Octet, fresh,
		"S3_ACCESS_KEY="+l.S3.Account.Key, "S3_SECRET_KEY="+l.S3.Account.Secret,
		"S3_GUEST_KEY="+l.S3.Guest.Key, "S3_GUEST_SECRET="+l.S3.Guest.Secret)
	if err != nil {
		return err
	}
	return poll(ctx, 20*time.Second, 50*time.Millisecond, "the lab's bucket service answers", func(ctx context.Context) error {
		_, err := l.S3.Requests(ctx)
		return err
	})
}

// Reset forgets buckets, faults and requests.
func (s *S3) Reset(ctx context.Context) error { return s.panel(ctx, http.MethodDelete, "/", nil, nil) }

// MakeBucket makes an empty bucket.
func (s *S3) MakeBucket(ctx context.Context, name string) error {
	return s.panel(ctx, http.MethodPut, "/buckets/"+name, nil, nil)
}

// SetFaults makes the service misbehave until it is given the zero Faults.
func (s *S3) SetFaults(ctx context.Context, f s3d.Faults) error {
	return s.panel(ctx, http.MethodPut, "/faults", f, nil)
}

// Requests is the log since ForgetRequests.
func (s *S3) Requests(ctx context.Context) (out []s3d.Request, err error) {
	return out, s.panel(ctx, http.MethodGet, "/requests", nil, &out)
}

// ForgetRequests empties the log.
func (s *S3) ForgetRequests(ctx context.Context) error {
	return s.panel(ctx, http.MethodDelete, "/requests", nil, nil)
}

// Objects gives all that a bucket holds, by key.
func (s *S3) Objects(ctx context.Context, bucket string) (map[string]Object, error) {
	api := s3.New(s3.Options{BaseEndpoint: &s.Endpoint, Region: "auto", UsePathStyle: true, Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: s.Account.Key, SecretAccessKey: s.Account.Secret}, nil
		})})
	out := map[string]Object{}
	for pages := s3.NewListObjectsV2Paginator(api, &s3.ListObjectsV2Input{Bucket: &bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list bucket %s: %w", bucket, err)
		}
		for _, o := range page.Contents {
			if out[*o.Key], err = object(ctx, api, bucket, *o.Key); err != nil {
				return nil, fmt.Errorf("read %s of bucket %s: %w", *o.Key, bucket, err)
			}
		}
	}
	return out, nil
}

func object(ctx context.Context, api *s3.Client, bucket, key string) (Object, error) {
	got, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return Object{}, err
	}
	defer got.Body.Close()
	data, err := io.ReadAll(got.Body)
	return Object{Type: aws.ToString(got.ContentType), Cache: aws.ToString(got.CacheControl), Data: data}, err
}

func (s *S3) panel(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, s.control+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("lab bucket service's control panel: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || out != nil && resp.StatusCode == http.StatusOK {
		if err == nil {
			err = json.Unmarshal(text, out)
		}
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("lab bucket service's control panel: %s %s", resp.Status, strings.TrimSpace(string(text)))
	}
	return nil
}
