package redirect

import (
	"net/url"
	"strings"
)

// maxURL is the most that the API takes, in bytes.
const maxURL = 32 << 10

func (r *reader) status(text string) int {
	switch text {
	case "", "301":
		return 301
	case "302":
		return 302
	case "307":
		return 307
	case "308":
		return 308
	}
	r.say("status %q should be 301, 302, 307 or 308", text)
	return 0
}

func (r *reader) boolean(column, text string) bool {
	switch text {
	case "", "FALSE", "false":
		return false
	case "TRUE", "true":
		return true
	}
	r.say("%s: %q should be TRUE, FALSE or empty", column, text)
	return false
}

// source checks a source URL: http, https or no scheme, and nothing but host and
// path.
func (r *reader) source(text string) {
	if text == "" {
		r.say("the source is empty")
		return
	}
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
	}
	u, err := url.Parse(full)
	if err != nil || u.Host == "" {
		r.say("source %q is no URL", text)
		return
	}
	for _, c := range []struct {
		wrong bool
		text  string
	}{
		{u.Scheme != "http" && u.Scheme != "https", "begins with " + u.Scheme + "://, which should be http:// or https:// or left out"},
		{u.User != nil, "has a user name"},
		{u.Port() != "" || strings.HasSuffix(u.Host, ":"), "has a port"},
		{u.RawQuery != "" || u.ForceQuery, "has a query"},
		{strings.Contains(full, "#"), "has a fragment"},
		{strings.ContainsAny(text, " \t"), "has blanks"},
		{len(text) > maxURL, "is longer than 32 KB"},
	} {
		if c.wrong {
			r.say("source %s %s", short(text), c.text)
		}
	}
}

func (r *reader) target(x Redirect) {
	if x.TargetURL == "" {
		r.say("the target is empty")
		return
	}
	u, err := url.Parse(x.TargetURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		r.say("target %q should be a URL that begins with http:// or https://", short(x.TargetURL))
	case len(x.TargetURL) > maxURL:
		r.say("target %s is longer than 32 KB", short(x.TargetURL))
	case u.RawQuery != "" && x.PreserveQueryString:
		r.say("target %s has a query, which can't be where the visitor's query is preserved", short(x.TargetURL))
	}
}

// short keeps a text fit to be read.
func short(text string) string {
	if len(text) > 200 {
		return text[:200] + "…"
	}
	return text
}
