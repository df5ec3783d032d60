package erb

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// FuzzRender: no panic, bounded time and output, places within the template, the
// same result each time, and text without tags unchanged.
func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"a: <%= ENV[\"X\"] || ENV.fetch('Y', \"d\") %>\n# <%= RUBY_VERSION %>\n",
		"<% require \"dotenv\"; Dotenv.load(\".env\", overwrite: true) -%>\n<%= `echo a`.strip %><%= %x{b} %>",
		"<% %w[a b].each do |h| -%>\n- <%= h.upcase %>\n<%- end -%>\n<%# c %><%% d %%>",
		"<% if x == 1 %>a<% elsif !y %>b<% else %>c<% end %><% x ||= [1, nil, :s]; x += [\"#{1 + 2}\"] %><%= x.map(&:to_s).join(',') %>",
		"<%= File.exist?('v') ? File.read('v')[0, 3] : (1..3).to_a.inspect %>", "<%= ENV.fetch(\"X\") { |n| n } unless nil %>",
		"<%= 'a' * 10 + %q(b) %>", "<%= ((1) %>", "<%= \"#{\"#{'x'}\"}\" %>", "# <% if true %>\n# <% end %>", "<%= x.a&.b(1, c: 2) { 3 } %>", "é<%-\n%>",
		"<% 9.times { |i| 9.times { |j| x = \"#{x}#{i}\" } } %>", "<% A = 1 %><%= A::B %>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		start := time.Now()
		got, err := Render("f", []byte(text), fuzzEnv())
		if d := time.Since(start); d > 20*time.Second {
			t.Fatalf("took %v", d)
		}
		lines := strings.Count(text, "\n") + 1
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Pos.Line < 1 || e.Pos.Line > lines || e.Pos.Col < 1 {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		if len(got.Text) > maxOutput {
			t.Fatalf("%d bytes", len(got.Text))
		}
		if !strings.Contains(text, "<%") && string(got.Text) != text {
			t.Fatalf("text without tags became %q", got.Text)
		}
		for line := range strings.Count(string(got.Text), "\n") + 1 {
			if p := got.Map(line+1, 2); p.Line < 0 || p.Line > lines || p.Line == 0 && len(got.Text) > 0 {
				t.Fatalf("line %d maps to %v", line+1, p)
			}
		}
		again, err := Render("f", []byte(text), fuzzEnv())
		if err != nil || string(again.Text) != string(got.Text) {
			t.Fatalf("then %q, %v; first %q", again.Text, err, got.Text)
		}
	})
}

// fuzzEnv runs nothing: commands give their own text.
func fuzzEnv() Env {
	vars := map[string]string{"X": "x", "EMPTY": ""}
	return Env{
		YAML:       true,
		Get:        func(n string) (string, bool) { v, ok := vars[n]; return v, ok },
		Set:        func(n, v string) { vars[n] = v },
		Unset:      func(n string) { delete(vars, n) },
		Shell:      func(line string) (string, error) { return line + "\n", nil },
		ReadFile:   func(p string) ([]byte, error) { return []byte(p), nil },
		Dotenv:     func(files []string, _ bool) error { vars["Y"] = strings.Join(files, ","); return nil },
		DockerArch: func() (string, error) { return "arm64", nil },
	}
}
