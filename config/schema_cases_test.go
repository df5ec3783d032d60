package config

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	caseHead = regexp.MustCompile(`(?m)^### (C\d+) .*$`)
	caseFile = regexp.MustCompile("(?ms)^`([^`\n]+)`( \\(\\+base\\))?:\n```\\w*\n(.*?)^```$")
	caseFlag = regexp.MustCompile("`(-[cd]) ([^`]+)`")
	caseEnv  = regexp.MustCompile("`env (\\w+=[^`]*)`")
)

// TestTheSchemaTakesEveryWorkedCase: the schema accepts each worked case that
// loads.
func TestTheSchemaTakesEveryWorkedCase(t *testing.T) {
	text, err := os.ReadFile("../internal/facts/testdata/config-cases.md")
	if err != nil {
		t.Fatal(err)
	}
	s := compiled(t)
	heads := caseHead.FindAllStringSubmatch(string(text), -1)
	loaded := 0
	for i, body := range caseHead.Split(string(text), -1)[1:] {
		o, ok := caseOptions(t, body)
		if !ok {
			continue
		}
		c, err := Load(t.Context(), o)
		if err != nil {
			continue // what is refused is no matter here
		}
		loaded++
		if err := validate(t, s, c.Raw); err != nil {
			t.Errorf("%s: %v", heads[i][1], err)
		}
	}
	if loaded < 60 {
		t.Errorf("only %d cases loaded", loaded)
	}
}

func caseOptions(t *testing.T, body string) (Options, bool) {
	t.Helper()
	project := files{}
	for _, f := range caseFile.FindAllStringSubmatch(body, -1) {
		project[f[1]] = f[3]
		if f[2] != "" {
			project[f[1]] = based(f[3])
		}
	}
	if len(project) == 0 {
		return Options{}, false
	}
	o := Options{Dir: project.write(t)}
	o.Shell = shellIn(o.Dir)
	body = body[strings.LastIndex(body, "Invoke:")+1:]
	for _, m := range caseFlag.FindAllStringSubmatch(body, -1) {
		if m[1] == "-d" {
			o.Destination = m[2]
			continue
		}
		o.File = m[2]
	}
	for _, m := range caseEnv.FindAllStringSubmatch(body, -1) {
		o.Environ = append(o.Environ, m[1])
	}
	return o, true
}
