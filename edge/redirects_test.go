package edge_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/edge"
	"github.com/warmlyyours/hwdeploy/edge/redirect"
	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

// rows makes a CSV of n rows; changes are by row.
func rows(n int, changes map[int]string) string {
	var b strings.Builder
	for i := range n {
		row, ok := changes[i]
		if !ok {
			row = fmt.Sprintf("https://www.example.test/old/%d,https://www.example.test/new/%d?from=%d,301,FALSE,TRUE", i, i, i)
		}
		if row != "" {
			b.WriteString(row + "\n")
		}
	}
	return b.String()
}

func redirects(t *testing.T, csv string) edge.Redirects {
	t.Helper()
	list, err := redirect.Read([]redirect.File{{Name: "rules.csv", Text: []byte(csv)}})
	if err != nil {
		t.Fatal(err)
	}
	return edge.Redirects{Account: cloudflare.Account, List: "www_redirects", Wanted: list}
}

// upload plans and does it, and gives the plan in words.
func upload(t *testing.T, c *edge.Client, r edge.Redirects) (string, error) {
	t.Helper()
	p, err := c.PlanRedirects(t.Context(), r)
	if err != nil {
		return "", err
	}
	return p.String(), c.UploadRedirects(t.Context(), r, p, func(string) {})
}

func mustUpload(t *testing.T, c *edge.Client, r edge.Redirects) string {
	t.Helper()
	text, err := upload(t, c, r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Twenty thousand rows with three changes make one write, and without any none.
func TestThreeChangesInTwentyThousandRowsMakeOneWrite(t *testing.T) {
	s, c := begin(t)
	const n = 20_000
	first := redirects(t, rows(n, nil))
	if text := mustUpload(t, c, first); text != "20000 redirects: 20000 added, the rule for the list is new" {
		t.Errorf("the first upload: %s", text)
	}
	s.Forget()
	changed := redirects(t, rows(n, map[int]string{
		5:      "https://www.example.test/old/5,https://www.example.test/elsewhere,302,FALSE,TRUE",
		11_111: "",
	})+"https://www.example.test/added,https://www.example.test/new/added\n")
	if text := mustUpload(t, c, changed); text != "20000 redirects: 1 added, 1 changed, 1 removed" {
		t.Errorf("the second upload: %s", text)
	}
	w := s.Writes()
	if len(w) != 1 || w[0].Method != http.MethodPut || !strings.HasSuffix(w[0].Path, "/items") {
		t.Errorf("%d writes", len(w))
	}
	if got := len(s.Items("www_redirects")); got != n {
		t.Errorf("the list has %d items", got)
	}
	s.Forget()
	if text := mustUpload(t, c, changed); text != "20000 redirects: unchanged" {
		t.Errorf("the third upload: %s", text)
	}
	if w := s.Writes(); len(w) != 0 {
		t.Errorf("nothing changed, and %d writes were made", len(w))
	}
}

// What the API leaves out of an item, or writes otherwise, is no change; comments
// of others stay.
func TestDefaultsAndSpellingAreNoChange(t *testing.T) {
	s, c := begin(t)
	s.AddList("www_redirects", "redirect",
		cloudflare.Item{Redirect: map[string]any{"source_url": "WWW.example.test", "target_url": "https://example.test/"}, Comment: "kept"},
		cloudflare.Item{Redirect: map[string]any{"source_url": "https://www.example.test/a", "target_url": "https://example.test/b", "status_code": 302, "subpath_matching": true}})
	s.SetRules(map[string]any{"action": "redirect", "enabled": true, "action_parameters": map[string]any{"from_list": map[string]any{"name": "www_redirects"}}})
	same := "www.example.test/,https://example.test/\nhttps://www.example.test/a,https://example.test/b,302,,,TRUE,TRUE\n"
	if text := mustUpload(t, c, redirects(t, same)); text != "2 redirects: unchanged" {
		t.Errorf("upload: %s", text)
	}
	// The suffix is kept by default at the API, and dropped by default in the file.
	if text := mustUpload(t, c, redirects(t, strings.Replace(same, "TRUE,TRUE", "TRUE", 1))); text != "2 redirects: 1 changed" {
		t.Errorf("upload: %s", text)
	}
	if i := s.Items("www_redirects"); i[0].Comment != "kept" || i[1].Redirect["preserve_path_suffix"] != false {
		t.Errorf("items %v", i)
	}
}

// Rules of others stay as they are, before ours; ours is not added twice.
func TestForeignRulesStay(t *testing.T) {
	s, c := begin(t)
	foreign := map[string]any{
		"id": "f1", "ref": "theirs", "description": "theirs", "enabled": false, "expression": `http.host eq "a.example.test"`,
		"action": "redirect", "action_parameters": map[string]any{"from_value": map[string]any{"status_code": 302.0}},
	}
	s.SetRules(foreign)
	r := redirects(t, rows(3, nil))
	mustUpload(t, c, r)
	rules := s.Rules()
	if len(rules) != 2 {
		t.Fatalf("%d rules", len(rules))
	}
	if got, want := text(t, rules[0]), text(t, foreign); got != want {
		t.Errorf("the foreign rule is\n%s\nand was\n%s", got, want)
	}
	if rules[1]["ref"] != "hwdeploy_www_redirects" || rules[1]["enabled"] != true {
		t.Errorf("our rule: %v", rules[1])
	}
	s.Forget()
	mustUpload(t, c, r)
	if w := s.Writes(); len(w) != 0 {
		t.Errorf("%d writes for nothing", len(w))
	}
	rules[1]["enabled"] = false
	s.SetRules(rules...)
	if text := mustUpload(t, c, r); !strings.Contains(text, "switched off") || s.Rules()[1]["enabled"] != false {
		t.Errorf("a rule that is off: %s", text)
	}
}

// The items take minutes to write; what somebody adds meanwhile stays, too.
func TestARuleThatCameMeanwhileStays(t *testing.T) {
	s, c := begin(t)
	r := redirects(t, rows(3, nil))
	p, err := c.PlanRedirects(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	err = c.UploadRedirects(t.Context(), r, p, func(said string) {
		if strings.Contains(said, "waiting") {
			s.SetRules(map[string]any{
				"ref": "theirs", "enabled": true, "expression": `http.host eq "a.example.test"`,
				"action": "redirect", "action_parameters": map[string]any{"from_value": map[string]any{"status_code": 302.0}},
			})
		}
	})
	if rules := s.Rules(); err != nil || len(rules) != 2 || rules[0]["ref"] != "theirs" {
		t.Errorf("rules %v, %v", rules, err)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAnotherWriteIsSaid(t *testing.T) {
	s, c := begin(t)
	mustUpload(t, c, redirects(t, rows(2, nil)))
	end := s.Occupy()
	_, err := upload(t, c, redirects(t, rows(3, nil)))
	var busy *edge.BusyError
	if !errors.As(err, &busy) || !strings.Contains(err.Error(), "somebody else is writing to a list of this Cloudflare account; nothing was written here") {
		t.Errorf("error %v", err)
	}
	end()
	if text := mustUpload(t, c, redirects(t, rows(3, nil))); text != "3 redirects: 1 added" {
		t.Errorf("afterwards: %s", text)
	}
}

// When an answer was lost, the write that is under way may be our own.
func TestAWriteOfOursIsNotTakenForAnothers(t *testing.T) {
	s, c := begin(t)
	mustUpload(t, c, redirects(t, rows(2, nil)))
	defer s.Occupy()()
	r := redirects(t, rows(3, nil))
	p, err := c.PlanRedirects(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	s.Fail(cloudflare.Fault{Path: "/items", Cut: true})
	err = c.UploadRedirects(t.Context(), r, p, func(string) {})
	var busy *edge.BusyError
	if err == nil || errors.As(err, &busy) || !strings.Contains(err.Error(), "already pending") {
		t.Errorf("error %v", err)
	}
}

func TestAnOperationThatFailsIsAnError(t *testing.T) {
	s, c := begin(t)
	s.FailNextWrite("item 7 is too long")
	_, err := upload(t, c, redirects(t, rows(9, nil)))
	if err == nil || !strings.Contains(err.Error(), "write 9 redirects: operation") || !strings.Contains(err.Error(), "failed: item 7 is too long") {
		t.Errorf("error %v", err)
	}
	if len(s.Rules()) != 0 {
		t.Error("the rule was added all the same")
	}
}

func TestAListIsNotEmptiedAndNotTakenFromOthers(t *testing.T) {
	s, c := begin(t)
	if _, err := upload(t, c, redirects(t, "")); err == nil || !strings.Contains(err.Error(), "would empty the list") {
		t.Errorf("error %v", err)
	}
	s.AddList("www_redirects", "ip")
	if _, err := upload(t, c, redirects(t, rows(1, nil))); err == nil || !strings.Contains(err.Error(), "holds items of kind ip") {
		t.Errorf("error %v", err)
	}
	if w := s.Writes(); len(w) != 0 {
		t.Errorf("%d writes", len(w))
	}
}
