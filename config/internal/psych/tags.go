package psych

import (
	"encoding/base64"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

const quotedStyles = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

func plainStyle(y *yaml.Node) bool { return y.Style&(quotedStyles|yaml.TaggedStyle) == 0 }

func explicitTag(y *yaml.Node, tag string) bool {
	return y.Style&yaml.TaggedStyle != 0 && y.Tag == tag
}

// checkTag refuses tags that Psych turns into objects or ordered pairs.
func (r *resolver) checkTag(y *yaml.Node) error {
	if y.Style&yaml.TaggedStyle == 0 {
		return nil
	}
	tag := y.Tag
	object := strings.HasPrefix(tag, "!ruby/") || strings.HasPrefix(tag, "tag:ruby.yaml.org,2002:")
	for _, prefix := range []string{"!str:", "!seq:", "!map:", "!struct:"} {
		object = object || strings.HasPrefix(tag, prefix)
	}
	switch {
	case object:
		return r.fail(y, "tag %s would make a Ruby object, which is never done; write the plain value", tag)
	case tag == "!omap" || tag == "!!omap":
		return r.fail(y, "tag %s is not supported; write a map", tag)
	case r.flow > 0 && strings.Contains(tag, ","):
		return r.fail(y, "put a blank between the tag and the comma")
	case y.Kind == yaml.MappingNode && (tag == "!str" || tag == "!!str"):
		return r.fail(y, "tag %s on a map is not supported", tag)
	}
	return nil
}

func (r *resolver) scalar(y *yaml.Node) (*Node, error) {
	if err := r.checkDialect(y); err != nil {
		return nil, err
	}
	n, err := scalarValue(y, r.loneTag(y))
	if err != nil {
		return nil, r.fail(y, "%q: %v", shorten(y.Value), err)
	}
	n.Pos = r.mapPos(y.Line, y.Column)
	n.Raw = y.Value
	n.Plain = y.Style&quotedStyles == 0
	return n, nil
}

func scalarValue(y *yaml.Node, loneTag bool) (*Node, error) {
	text := &Node{Kind: String, Str: y.Value}
	if loneTag {
		return Scalar(y.Value)
	}
	if y.Style&yaml.TaggedStyle == 0 {
		if y.Style&quotedStyles != 0 {
			return text, nil
		}
		return Scalar(y.Value)
	}
	switch y.Tag {
	case "!!str", "!str":
		return text, nil
	case "!!binary", "!binary":
		return binaryValue(y.Value)
	case "!!float", "!float":
		return floatValue(y.Value)
	}
	// Any other tag is ignored by Psych, and with it the quotes.
	return Scalar(y.Value)
}

func binaryValue(text string) (*Node, error) {
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, err
	}
	return &Node{Kind: String, Str: string(data)}, nil
}

func floatValue(text string) (*Node, error) {
	n, err := Scalar(text)
	if err != nil {
		return nil, err
	}
	switch n.Kind {
	case Float:
	case Int:
		setFloat(n, float64(n.Int))
	default:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, errNotFloat
		}
		setFloat(n, f)
	}
	return n, nil
}

// shorten keeps messages readable.
func shorten(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
