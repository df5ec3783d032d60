package cloudflare

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// wrongItems says what the API would not take; "" = nothing.
func (s *Server) wrongItems(l *List, items []Item) string {
	seen, shared := map[string]bool{}, map[string]int{}
	for _, other := range s.lists {
		if other != l {
			for _, i := range other.Items {
				shared[where(i)]++
			}
		}
	}
	for n, i := range items {
		source, _ := i.Redirect["source_url"].(string)
		if why := wrongItem(i); why != "" {
			return fmt.Sprintf("item %d: %s", n, why)
		}
		if seen[strings.ToLower(source)] {
			return fmt.Sprintf("item %d: duplicate source_url %s", n, source)
		}
		seen[strings.ToLower(source)] = true
		if shared[where(i)]++; shared[where(i)] > 16 {
			return fmt.Sprintf("item %d: exceeds the limit of URL matching items", n)
		}
	}
	return ""
}

func wrongItem(i Item) string {
	for k, v := range i.Redirect {
		switch k {
		case "source_url", "target_url":
			if text, ok := v.(string); !ok || text == "" || len(text) > 32<<10 {
				return k + " is no text of 1 byte to 32 KB"
			}
		case "status_code":
			if n, ok := v.(float64); !ok || !slices.Contains([]float64{301, 302, 307, 308}, n) {
				return "status_code is not served"
			}
		case "preserve_query_string", "include_subdomains", "subpath_matching", "preserve_path_suffix":
			if _, ok := v.(bool); !ok {
				return k + " is no boolean"
			}
		default:
			return "unknown field " + k
		}
	}
	source, _ := i.Redirect["source_url"].(string)
	target, _ := i.Redirect["target_url"].(string)
	u, err := parse(source)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "source_url is no URL"
	}
	if u.User != nil || u.Port() != "" || u.RawQuery != "" || u.Fragment != "" {
		return "source_url has more than scheme, host and path"
	}
	t, err := url.Parse(target)
	if err != nil || t.Scheme != "http" && t.Scheme != "https" {
		return "target_url is no URL"
	}
	if t.RawQuery != "" && i.Redirect["preserve_query_string"] == true {
		return "target_url has a query, and preserve_query_string is set"
	}
	if len(i.Comment) > 500 {
		return "comment is too long"
	}
	return ""
}

func parse(source string) (*url.URL, error) {
	if !strings.Contains(source, "://") {
		source = "http://" + source
	}
	return url.Parse(source)
}

// where is the host and path of an item.
func where(i Item) string {
	source, _ := i.Redirect["source_url"].(string)
	u, err := parse(source)
	if err != nil {
		return source
	}
	return strings.ToLower(u.Host) + u.Path
}
