package wrangler

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// jsonTree reads JSON with comments and trailing commas.
func jsonTree(text []byte) (node, *problem) {
	v, err := hujson.Parse(text)
	if err != nil {
		return node{}, jsonProblem(err)
	}
	return jsonNode(text, v), nil
}

var jsonPlace = regexp.MustCompile(`^hujson: line (\d+), column \d+: `)

func jsonProblem(err error) *problem {
	p := &problem{text: err.Error()}
	if m := jsonPlace.FindStringSubmatch(p.text); m != nil {
		p.line, _ = strconv.Atoi(m[1]) // digits
		p.text = strings.TrimPrefix(p.text, m[0])
	}
	return p
}

func jsonNode(text []byte, v hujson.Value) node {
	n := node{line: 1 + bytes.Count(text[:v.StartOffset], []byte("\n"))}
	switch x := v.Value.(type) {
	case *hujson.Object:
		t := map[string]node{}
		for _, m := range x.Members {
			e := jsonNode(text, m.Value)
			e.line = 1 + bytes.Count(text[:m.Name.StartOffset], []byte("\n"))
			t[m.Name.Value.(hujson.Literal).String()] = e
		}
		n.value = t
	case *hujson.Array:
		l := []node{}
		for _, e := range x.Elements {
			l = append(l, jsonNode(text, e))
		}
		n.value = l
	case hujson.Literal:
		n.value = literal(x)
	}
	return n
}

func literal(x hujson.Literal) any {
	switch x.Kind() {
	case '"':
		return x.String()
	case 't', 'f':
		return x.Bool()
	case '0':
		if i, err := strconv.ParseInt(string(x), 10, 64); err == nil {
			return i
		}
		return json.Number(x)
	}
	return nil
}
