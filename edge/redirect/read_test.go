package redirect_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/edge/mistake"
	"github.com/warmlyyours/hwdeploy/edge/redirect"
)

func read(text string) ([]redirect.Redirect, error) {
	return redirect.Read([]redirect.File{{Name: "a.csv", Text: []byte(text)}})
}

// The columns are the dashboard's; every boolean is false where it is left out,
// unlike at the API.
func TestRowsAreReadAsTheDashboardDoes(t *testing.T) {
	list, err := read("\xef\xbb\xbfhttps://www.example.test/a,https://example.test/b\r\n" +
		"www.example.test/c,\"https://example.test/d,e\",308,TRUE,true,TRUE,TRUE,,,\n" +
		"\n" +
		"http://example.test/f,https://example.test/g?h=1,,,,true\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []redirect.Redirect{
		{SourceURL: "https://www.example.test/a", TargetURL: "https://example.test/b", StatusCode: 301},
		{SourceURL: "www.example.test/c", TargetURL: "https://example.test/d,e", StatusCode: 308, PreserveQueryString: true, IncludeSubdomains: true, SubpathMatching: true, PreservePathSuffix: true},
		{SourceURL: "http://example.test/f", TargetURL: "https://example.test/g?h=1", StatusCode: 301, SubpathMatching: true},
	}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("read\n%+v\nwanted\n%+v", list, want)
	}
}

// Every mistake of every row is found, with its line.
func TestEveryMistakeIsFound(t *testing.T) {
	for name, c := range map[string]struct{ csv, want string }{
		"header":     {"SOURCE_URL,TARGET_URL\n", "a.csv:1: a header row: the format has none"},
		"columns":    {"https://a.test/\nhttps://a.test/,https://b.test/,301,,,,,x", "a.csv:1: 1 columns: it should be 2 to 7: source, target, status, preserve query string, include subdomains, subpath matching, preserve path suffix\na.csv:2: 8 columns: it should be 2 to 7: source, target, status, preserve query string, include subdomains, subpath matching, preserve path suffix"},
		"several":    {"\nhttps://a.test:81/?q#f,ftp://b.test,303,yes\n", "a.csv:2: status \"303\" should be 301, 302, 307 or 308\na.csv:2: preserve query string: \"yes\" should be TRUE, FALSE or empty\na.csv:2: source https://a.test:81/?q#f has a port\na.csv:2: source https://a.test:81/?q#f has a query\na.csv:2: source https://a.test:81/?q#f has a fragment\na.csv:2: target \"ftp://b.test\" should be a URL that begins with http:// or https://"},
		"empty":      {",https://b.test/\nhttps://a.test/,", "a.csv:1: the source is empty\na.csv:2: the target is empty"},
		"scheme":     {"ftp://a.test/,https://b.test/", "a.csv:1: source ftp://a.test/ begins with ftp://, which should be http:// or https:// or left out"},
		"user":       {"https://u@a.test/,https://b.test/", "a.csv:1: source https://u@a.test/ has a user name"},
		"twice":      {"https://A.test,https://b.test/\nhttps://b.test/,https://c.test/\nhttps://a.TEST,https://c.test/", "a.csv:3: source https://a.TEST stands in a.csv:1, too"},
		"two quotes": {"https://a.test/,\"b\" c\nhttps://a.test/,", "a.csv:1: column 19: extraneous or missing \" in quoted-field\na.csv:2: the target is empty"},
		"query":      {"https://a.test/,https://b.test/?x=1,,TRUE", "a.csv:1: target https://b.test/?x=1 has a query, which can't be where the visitor's query is preserved"},
		"over lines": {"https://a.test/,\"https://b.test/\n\"\nhttps://a.test/x,", "a.csv:3: the target is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(c.csv)
			var list mistake.List
			if !errors.As(err, &list) || err.Error() != c.want {
				t.Errorf("error\n%v\nwanted\n%s", err, c.want)
			}
		})
	}
}

func TestSchemesAreSourcesOfTheirOwn(t *testing.T) {
	var b strings.Builder
	for _, s := range []string{"http://a.test/", "https://a.test/", "a.test/"} {
		b.WriteString(s + ",https://b.test/\n")
	}
	if _, err := read(b.String()); err != nil {
		t.Error(err)
	}
}

func TestADuplicateInAnotherFileIsNamed(t *testing.T) {
	_, err := redirect.Read([]redirect.File{
		{Name: "a.csv", Text: []byte("https://a.test/,https://b.test/\n")},
		{Name: "b.csv", Text: []byte("\nhttps://a.test/,https://c.test/\n")},
	})
	if err == nil || err.Error() != "b.csv:2: source https://a.test/ stands in a.csv:1, too" {
		t.Errorf("error %v", err)
	}
}

func TestCompare(t *testing.T) {
	one := func(source, target string) redirect.Redirect {
		return redirect.Redirect{SourceURL: source, TargetURL: target, StatusCode: 301}
	}
	there := []redirect.Redirect{one("https://a.test/1", "x"), one("https://a.test/2", "x"), one("https://a.test/3", "x"), one("https://A.test", "x")}
	wanted := []redirect.Redirect{one("https://a.test/4", "x"), one("https://a.test/3", "y"), one("https://a.test/2", "x"), one("https://a.test/", "x")}
	d := redirect.Compare(there, wanted)
	if len(d.Added) != 1 || len(d.Changed) != 1 || len(d.Removed) != 1 || d.Added[0] != wanted[0] || d.Changed[0] != wanted[1] || d.Removed[0] != there[0] {
		t.Errorf("diff %+v", d)
	}
	if !redirect.Compare(there, there).Empty() {
		t.Error("a set differs from itself")
	}
}
