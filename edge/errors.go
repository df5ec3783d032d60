package edge

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Kind is why a call failed.
type Kind string

// The kinds of Error.
const (
	KindOther       Kind = "other"
	KindAuth        Kind = "auth"         // the token is unknown, or may not do this
	KindNotFound    Kind = "not found"    // 404
	KindRateLimited Kind = "rate limited" // 429
	KindServer      Kind = "server"       // 5xx, or an answer that is none of the API's
	KindUnreachable Kind = "unreachable"  // no answer
)

// Code is an error of the API's.
type Code struct {
	Code    int
	Message string
}

// UnmarshalJSON takes an object, or a bare text, which occurs.
func (c *Code) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &c.Message) == nil {
		return nil
	}
	type plain Code
	return json.Unmarshal(text, (*plain)(c))
}

// Error is a call that the API did not carry out.
type Error struct {
	Op     string // in words: "purge the cache"
	Kind   Kind
	Status int // of HTTP; 0 = none
	Codes  []Code
	Rights string // permissions that the call needs
	Lost   bool   // an earlier try got no answer, and may have been carried out
	Err    error
	text   string
}

// Error reads "purge the cache: Cloudflare answers 403: Authentication error
// (code 10000)".
func (e *Error) Error() string {
	if e.Op == "" {
		return e.text
	}
	return e.Op + ": " + e.text
}

func (e *Error) Unwrap() error { return e.Err }

// Temporary tells whether the same call may succeed later.
func (e *Error) Temporary() bool {
	return e.Kind == KindRateLimited || e.Kind == KindServer || e.Kind == KindUnreachable
}

// Refused tells that the API was not reached, or does not let this token in.
func (e *Error) Refused() bool { return e.Kind == KindAuth || e.Kind == KindUnreachable }

// Has tells whether the API gave this code.
func (e *Error) Has(code int) bool {
	return slices.ContainsFunc(e.Codes, func(c Code) bool { return c.Code == code })
}

// Hints are what to try.
func (e *Error) Hints() []string {
	switch {
	case e.Kind == KindAuth && e.Rights != "":
		return []string{"the token needs the permission " + e.Rights + ", on this account and zone, and must not have expired"}
	case e.Kind == KindRateLimited:
		return []string{"the rate limit counts all programs of this user or account; try again in five minutes"}
	}
	return nil
}

// in names what was being done, and the permission it takes.
func in(err error, op, rights string) error {
	var e *Error
	if errors.As(err, &e) {
		named := *e
		named.Op, named.Rights = op, rights
		return &named
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// isLost tells that an earlier try got no answer, and may have done what the last
// one was refused.
func isLost(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Lost
}

func isNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindNotFound
}

// judge gives nil for a success. An answer is one only when its status and its
// body both say so.
func judge(res *http.Response, body []byte) *Error {
	var said struct {
		Success *bool  `json:"success"`
		Errors  []Code `json:"errors"`
	}
	parsed := json.Unmarshal(body, &said) == nil && said.Success != nil
	if res.StatusCode < http.StatusMultipleChoices && parsed && *said.Success {
		return nil
	}
	e := &Error{Kind: kindOf(res.StatusCode, said.Errors), Status: res.StatusCode, Codes: said.Errors}
	switch {
	case len(said.Errors) > 0:
		e.text = fmt.Sprintf("Cloudflare answers %d: %s", res.StatusCode, codes(said.Errors))
	case parsed:
		e.text = fmt.Sprintf("Cloudflare answers %d without success or reason", res.StatusCode)
	default:
		e.text = fmt.Sprintf("Cloudflare answers %s, and not in the API's form", strings.TrimSpace(strconv.Itoa(res.StatusCode)+" "+http.StatusText(res.StatusCode)))
		if e.Kind == KindOther {
			e.Kind = KindServer
		}
	}
	if ray := res.Header.Get("Cf-Ray"); ray != "" {
		e.text += ", cf-ray " + ray
	}
	return e
}

// kindOf sorts by status, and by the codes that Cloudflare also gives with
// status 400.
func kindOf(status int, list []Code) Kind {
	has := func(codes ...int) bool {
		return slices.ContainsFunc(list, func(c Code) bool { return slices.Contains(codes, c.Code) })
	}
	switch {
	case has(10000, 9109), status == http.StatusUnauthorized, status == http.StatusForbidden:
		return KindAuth
	case has(7003), status == http.StatusNotFound: // 7003: an id in the path is none
		return KindNotFound
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		return KindServer
	}
	return KindOther
}

func codes(list []Code) string {
	var out []string
	for _, c := range list {
		text := c.Message
		if c.Code != 0 {
			text += fmt.Sprintf(" (code %d)", c.Code)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}
