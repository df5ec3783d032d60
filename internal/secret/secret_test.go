package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

const hidden = "hunter2-hunter2"

func TestSecretKeepsItsValue(t *testing.T) {
	for _, v := range []string{"", "x", "a\x00b\n", "ÿ\xff$'\""} {
		if got := secret.New(v).Reveal(); got != v {
			t.Errorf("Reveal of %q = %q", v, got)
		}
		if got := secret.New(v).IsZero(); got != (v == "") {
			t.Errorf("IsZero of %q = %v", v, got)
		}
	}
	same := secret.New("a")
	if secret.New("a") != same || secret.New("a") == secret.New("b") || secret.New("") != (secret.Secret{}) {
		t.Error("== does not compare values")
	}
	if !reflect.DeepEqual(secret.New("a"), secret.New("a")) {
		t.Error("DeepEqual does not compare values")
	}
}

type exported struct {
	S secret.Secret  `json:"s" yaml:"s" xml:"s"`
	P *secret.Secret `json:"p" yaml:"p" xml:"p"`
}

type unexported struct {
	s secret.Secret
	l []secret.Secret
	m map[string]secret.Secret
}

func TestEveryPrintedFormIsAsterisks(t *testing.T) {
	s := secret.New(hidden)
	values := []any{
		s, &s, []secret.Secret{s}, map[secret.Secret]secret.Secret{s: s}, exported{s, &s},
		unexported{s, []secret.Secret{s}, map[string]secret.Secret{"k": s}},
		&unexported{s: s}, errors.Join(fmt.Errorf("bad: %v", s)), []any{s},
	}
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%p", "%30s", "%.3s", "%!", "%w"}
	for _, v := range values {
		for _, verb := range verbs {
			refuse(t, verb, fmt.Sprintf(verb, v))
		}
		refuse(t, "Sprint", fmt.Sprint(v)+fmt.Sprintln(v))
		refuse(t, "json", marshal(t, json.Marshal, v))
		refuse(t, "yaml", marshal(t, yaml.Marshal, v))
		refuse(t, "slog", logged(v))
	}
	refuse(t, "xml", marshal(t, xml.Marshal, exported{s, &s}))
}

func TestDirectForms(t *testing.T) {
	s := secret.New(hidden)
	text, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]string{
		"String": s.String(), "GoString": s.GoString(), "MarshalText": string(text),
		"LogValue": s.LogValue().String(), "%s": fmt.Sprintf("%s", s), "%x": fmt.Sprintf("%x", s),
		"empty": secret.Secret{}.String(),
	} {
		if got != "********" {
			t.Errorf("%s = %q", what, got)
		}
	}
	if got := marshal(t, json.Marshal, exported{s, &s}); got != `{"s":"********","p":"********"}` {
		t.Errorf("JSON = %s", got)
	}
}

func refuse(t *testing.T, how, text string) {
	t.Helper()
	for _, bad := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden), "hun"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
}

func marshal(t *testing.T, f func(any) ([]byte, error), v any) string {
	t.Helper()
	b, err := f(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func logged(v any) string {
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v)
	return b.String()
}
