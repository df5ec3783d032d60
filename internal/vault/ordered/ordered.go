// Package ordered is JSON whose objects keep the order of their keys, as the
// answers of password managers are passed on.
//
// Laws: keys keep their order, a repeated key keeps its first place and its last
// value; text is written without HTML escapes and beyond ASCII as it is; numbers
// keep their text.
//
// Source: RFC 8259; what is written is what Ruby's JSON.dump writes
// (https://docs.ruby-lang.org/en/3.4/JSON.html).
package ordered

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Object is a JSON object. The zero Object is empty and ready.
type Object struct {
	keys   []string
	values map[string]any
}

// Set puts key at the end, or gives it a new value at its old place.
func (o *Object) Set(key string, value any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// Get gives the value of key, nil when there is none.
func (o *Object) Get(key string) any { return o.values[key] }

// Text gives the value of key when it is text, else "".
func (o *Object) Text(key string) string {
	s, _ := o.values[key].(string)
	return s
}

// Keys gives the keys in order. They belong to o.
func (o *Object) Keys() []string { return o.keys }

// Parse reads one JSON value: nil, bool, string, json.Number, []any or *Object.
func Parse(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := value(d)
	if err != nil {
		return nil, syntax(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: text after the value")
	}
	return v, nil
}

// syntax drops the decoder's quotes from the text, which may be secret.
func syntax(err error) error {
	var s *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not JSON: unexpected end")
	case errors.As(err, &s):
		return errors.New("not JSON")
	}
	return err
}

func value(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return object(d)
	case json.Delim('['):
		return list(d)
	}
	return t, nil
}

func object(d *json.Decoder) (any, error) {
	o := &Object{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := value(d)
		if err != nil {
			return nil, err
		}
		o.Set(key.(string), v) //nolint:forcetypeassert // the decoder lets only text stand here
	}
	_, err := d.Token()
	return o, err
}

func list(d *json.Decoder) (any, error) {
	l := []any{}
	for d.More() {
		v, err := value(d)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
	}
	_, err := d.Token()
	return l, err
}
