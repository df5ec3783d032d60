package erb

import (
	"errors"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	tests := []struct{ text, at, says, rewrite string }{
		{`a: <%= RUBY_VERSION %>`, "deploy.yml:1:8", "RUBY_VERSION", ".ruby-version"},
		{"a: 1\nb: <%= RUBY_ENGINE %>", "deploy.yml:2:8", "RUBY_ENGINE", "write the value"},
		{`<%= Rails.env %>`, "deploy.yml:1:5", "Rails.env", `ENV.fetch("RAILS_ENV"`},
		{`<%= Rails.application.credentials.dig(:a, :b) %>`, "deploy.yml:1:5", "Rails.application", "ENV"},
		{`<%= Rails.root.join("x") %>`, "deploy.yml:1:5", "Rails.root", "relative"},
		{`<%= YAML.load_file("x.yml")["a"] %>`, "deploy.yml:1:5", "YAML.load_file", "yq"},
		{`<%= JSON.parse(File.read("x"))["a"] %>`, "deploy.yml:1:5", "JSON.parse", "jq"},
		{`<%= Date.today %>`, "deploy.yml:1:5", "Date.today", "date +"},
		{`<%= Time.now.to_i %>`, "deploy.yml:1:5", "Time.now", "date +%s"},
		{`<%= Socket.gethostname %>`, "deploy.yml:1:5", "Socket.gethostname", "hostname"},
		{`<% require "json" %>`, "deploy.yml:1:4", `require "json"`, "remove"},
		{`<% require_relative "../x" %>`, "deploy.yml:1:4", "require_relative", "remove"},
		{`<% def x; 1; end %>`, "deploy.yml:1:4", "def", "variables"},
		{`<% while true %>a<% end %>`, "deploy.yml:1:4", "while", "each"},
		{`<% case ENV["X"] %><% end %>`, "deploy.yml:1:4", "case", "if and elsif"},
		{`<% h = { "a" => 1 } %>`, "deploy.yml:1:8", "{", "hashes"},
		{`<%= "a" =~ /b/ %>`, "deploy.yml:1:12", "regular expressions", "include?"},
		{`<%= system("ls") %>`, "deploy.yml:1:5", `system("ls")`, "backticks"},
		{`<%= "abc".tr("a", "b") %>`, "deploy.yml:1:5", "method tr", "sed"},
		{`<%= nope %>`, "deploy.yml:1:5", "nope", "assign"},
		{`<%= x %><% x = 1 %>`, "deploy.yml:1:5", "x", "assign"},
		{`<% %w[a].each do |h| %><% y = h %><%= y %><% end %><%= y %>`, "deploy.yml:1:56", "y", "assign"},
		{`<% x? = 1 %>`, "deploy.yml:1:4", "x? =", ""},
		{`<% %w[a].each do |h| %><% end %><%= h %>`, "deploy.yml:1:37", "h", "assign"},
		{`<% unless true %>a<% elsif true %>b<% end %>`, "deploy.yml:1:22", "no elsif", ""},
		{`<%= ENV.to_h %>`, "deploy.yml:1:5", "ENV.to_h", "ENV"},
		{`<%= ENV.fetch("SURELY_NOT_SET") %>`, "deploy.yml:1:5", "SURELY_NOT_SET is not set", "default"},
		{`<%= ENV["NONE"].strip %>`, "deploy.yml:1:5", "strip called on nil", "default"},
		{`<%= ENV["NONE"] + "a" %>`, "deploy.yml:1:5", "+ used on nil", ""},
		{`<%= "a" + 1 %>`, "deploy.yml:1:5", "can't add an integer", ""},
		{`<%= File.read("missing") %>`, "deploy.yml:1:5", "missing", ""},
		{`<% raise "set X" unless ENV["NONE"] %>`, "deploy.yml:1:4", "set X", ""},
		{`<% # note %>b`, "deploy.yml:1:1", "hides the text", "<%#"},
		{`<%= 1 # note -%>b`, "deploy.yml:1:1", "hides the text", "<%#"},
		{`a <%= 1`, "deploy.yml:1:3", "never closed", "<%%"},
		{`<%= "abc %>`, "deploy.yml:1:5", "never closed", ""},
		{`<% if true %>a`, "deploy.yml:1:15", "expected end", ""},
		{`a<% end %>`, "deploy.yml:1:5", "nothing is open", ""},
		{`<%= 1 + %>`, "deploy.yml:1:8", "missing", ""},
		{`<%= 1 / 0 %>`, "deploy.yml:1:5", "divided by 0", ""},
		{`<% ENV[""] = "a" %>`, "deploy.yml:1:4", "name of an environment variable", ""},
		{`<% ENV["A=B"] = "a" %>`, "deploy.yml:1:4", "name of an environment variable", ""},
		{`<%= "a".gsub("a", "\\0") %>`, "deploy.yml:1:5", "method gsub", ""},
		{`<%= %w[a].first(-1) %>`, "deploy.yml:1:5", "method first", ""},
		{`<%= Dates.today %>`, "deploy.yml:1:5", "Dates", "ENV"},
		{`<% x, y = 1, 2 %>`, "deploy.yml:1:5", ",", ""},
		{`<% x <<= 1 %>`, "deploy.yml:1:4", "assignment", ""},
		{`<% "a".b = 1 %>`, "deploy.yml:1:4", "assigned", ""},
		{`<% ENV["X"] = 1 %>`, "deploy.yml:1:4", "to_s", ""},
		{`<%= 9223372036854775807 + 1 %>`, "deploy.yml:1:5", "out of range", ""},
		{"x: é <%= Rails.env %>", "deploy.yml:1:10", "Rails.env", ""},
		{"<% x = 1\ny = Rails.env %>", "deploy.yml:2:5", "Rails.env", ""},
		{"<%= \"a#{Rails.env}\" %>", "deploy.yml:1:9", "Rails.env", ""},
	}
	for _, tt := range tests {
		_, err := Render("deploy.yml", []byte(tt.text), newWorld(t).env())
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: not refused: %v", tt.text, err)
			continue
		}
		if got := e.Pos.String(); got != tt.at {
			t.Errorf("%s: at %s, want %s (%v)", tt.text, got, tt.at, e)
		}
		if !strings.Contains(e.Error(), tt.says) || !strings.Contains(e.Rewrite, tt.rewrite) {
			t.Errorf("%s: says %q, want %q and rewrite %q", tt.text, e.Error(), tt.says, tt.rewrite)
		}
	}
}

// A refused branch that is not taken changes nothing in Ruby either.
func TestUnusedBranchIsNotRefused(t *testing.T) {
	w := newWorld(t, "SET", "v")
	for _, text := range []string{
		`<%= ENV["SET"] || RUBY_VERSION %>`,
		`<%= ENV.fetch("SET") { Rails.env } %>`,
		`<%= true ? "v" : Date.today %>`,
		`<% if false %><%= Rails.env %><% end %>v`,
	} {
		if got := render(t, w, text); got != "v" {
			t.Errorf("%s gives %q", text, got)
		}
	}
}

func TestAllRefusedTagsAreReported(t *testing.T) {
	_, err := Render("d", []byte("a: <%= Rails.env %>\nb: <%= 1 %>\nc: <%= Date.today %>\n"), newWorld(t).env())
	var all Errors
	if !errors.As(err, &all) || len(all) != 2 || all[1].Pos.Line != 3 {
		t.Errorf("got %v", err)
	}
}

func TestComments(t *testing.T) {
	const initLine = `#     RUBY_VERSION: <%= ENV["RBENV_VERSION"] || ENV["rvm_ruby_string"] || "#{RUBY_ENGINE}-#{RUBY_ENGINE_VERSION}" %>`
	tests := []struct{ name, text, want string }{
		{"refused tag is dropped", "a: 1\n# v: <%= RUBY_VERSION %>\nb: 2\n", "a: 1\n# v: \nb: 2\n"},
		{"the line that new projects have", initLine, "#     RUBY_VERSION: "},
		{"supported tag is kept", "# <%= 1 + 1 %>\n", "# 2\n"},
		{"side effect", "# <% ENV['X'] = 'v' %>\na: <%= ENV['X'] %>\n", "# \na: v\n"},
		{"unreadable code", "# <% class X < Y; def a() = {}; end %>\na: 1\n", "# \na: 1\n"},
		{"unreadable expression", "# <%= x.map { |k, v| /a/ =~ k } %>\na: 1\n", "# \na: 1\n"},
		{"unreadable block", "# <% while true %>\n# a\n# <% end %>\nb: 1\n", "# \n# a\n# \nb: 1\n"},
		{"case", "# <% case x %>\n# <% when 1 %>\n# <% end %>\nb: 1\n", "# \n# \n# \nb: 1\n"},
		{"refused block", "# <% if Rails.env.production? %>\n#  a: <%= 1 %>\n# <% end %>\nb: 1\n", "# \nb: 1\n"},
		{"block with a refused tag", "# <% if true %>\n#  a: <%= Rails.env %>\n# <% end %>\nb: 1\n", "# \n#  a: \n# \nb: 1\n"},
		{"statement in a block", "a: 1\n<% if true -%>\n# <% x = Rails.env %>\nb: 2\n<% end -%>\n", "a: 1\n# \nb: 2\n"},
		{"indented", "a:\n  # <%= Date.today %>\n  b: 1\n", "a:\n  # \n  b: 1\n"},
		{"behind a value", "a: 1 # <%= Date.today %>\n", "a: 1 # \n"},
		{"not YAML otherwise", "a: [\n# <%= Date.today %>\n", "a: [\n# \n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Render("d", []byte(tt.text), newWorld(t).env())
			if err != nil || string(got.Text) != tt.want {
				t.Errorf("got %q, %v\nwant %q", got.Text, err, tt.want)
			}
			if len(got.Warnings) != 0 {
				t.Errorf("warnings %v", got.Warnings)
			}
		})
	}
}

func TestNoComments(t *testing.T) {
	for name, text := range map[string]string{
		"block scalar":        "a: |\n  # <%= Date.today %>\n  b\n",
		"quoted scalar":       "a: \"x\n  # <%= Date.today %>\"\n",
		"hash in a value":     "a: x#<%= Date.today %>\n",
		"hash in quotes":      "a: \"x # <%= Date.today %>\"\n",
		"tag on two lines":    "# <%= Date\n.today %>\n",
		"value used later":    "# <% x = if true then Rails.env end %>\na: <%= x.upcase %>\n",
		"variable set in one": "# <% x = Rails.env %>\na: <%= x %>\n",
		"unreadable setting":  "# <% x = { 1 => 2 } %>\na: <%= x %>\n",
		"environment":         "# <% ENV['A'] = Rails.env %>\na: <%= ENV['A'] %>\n",
		"constant set in one": "# <% A = Rails.env %>\na: <%= A %>\n",
		"block around a key":  "# <% if Rails.env.production? %>\na: 1\n# <% end %>\n",
	} {
		if got, err := Render("d", []byte(text), newWorld(t).env()); err == nil {
			t.Errorf("%s: not refused, gives %q", name, got.Text)
		}
	}
	env := newWorld(t).env()
	env.YAML = false
	if _, err := Render("init.sql.erb", []byte("# <%= Date.today %>\n"), env); err == nil {
		t.Error("a file that is not YAML has no comments to drop tags from")
	}
}

// Ruby stops at a variable that is not set, even in a comment; here it is a warning.
func TestFetchInComment(t *testing.T) {
	text := "a: 1\n# V: <%= ENV.fetch(\"SURELY_NOT_SET\") %>\n"
	got, err := Render("d", []byte(text), newWorld(t).env())
	if err != nil || string(got.Text) != "a: 1\n# V: \n" {
		t.Fatalf("got %q, %v", got.Text, err)
	}
	if len(got.Warnings) != 1 || got.Warnings[0].Pos.String() != "d:2:10" || !strings.Contains(got.Warnings[0].Msg, "SURELY_NOT_SET") {
		t.Errorf("warnings %v", got.Warnings)
	}
}

// Text that a command gives in a comment is inserted like any other.
func TestCommentWithSeveralLines(t *testing.T) {
	if got := render(t, newWorld(t), "# <%= `printf 'a\\nb: 1\\n'` %>\n"); got != "# a\nb: 1\n\n" {
		t.Errorf("got %q", got)
	}
}

func TestMap(t *testing.T) {
	text := "a: 1\n<% x = 1 -%>\nb: <%= `printf '1\\n2\\n3'` %> c\n  <%- x = 2 -%>\nd: é<%= 4 %>e\n"
	got, err := Render("d", []byte(text), newWorld(t).env())
	if err != nil {
		t.Fatal(err)
	}
	if want := "a: 1\nb: 1\n2\n3 c\nd: é4e\n"; string(got.Text) != want {
		t.Fatalf("got %q, want %q", got.Text, want)
	}
	tests := []struct {
		line, col int
		want      string
	}{
		{1, 1, "d:1:1"},
		{1, 4, "d:1:4"},
		{2, 1, "d:3:1"},
		{2, 4, "d:3:4"}, // inserted
		{3, 1, "d:3:4"},
		{4, 1, "d:3:4"},
		{4, 3, "d:3:30"}, // the c behind the tag
		{5, 1, "d:5:1"},
		{5, 4, "d:5:4"},
		{5, 5, "d:5:5"},  // inserted
		{5, 6, "d:5:13"}, // the e behind the tag
		{99, 1, "d"},
		{0, 0, "d"},
	}
	for _, tt := range tests {
		if p := got.Map(tt.line, tt.col).String(); p != tt.want {
			t.Errorf("%d:%d maps to %s, want %s", tt.line, tt.col, p, tt.want)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, text := range map[string]string{
		"loops":         "<% (1..999).each do |a| %><% (1..999).each do |b| %>x<% end %><% end %>",
		"output":        "<% x = 'x' * 100000 %>" + strings.Repeat("<%= x %>", 20),
		"string":        "<% x = 'x' %>" + strings.Repeat("<% x = x + x %>", 40),
		"repeat":        "<%= 'ab' * 9000000000000000000 %>",
		"range":         "<%= (1..99999999).to_a %>",
		"list":          "<% x = [1] %>" + strings.Repeat("<% x = x + x %>", 40),
		"nested list":   "<% x = [1] %>" + strings.Repeat("<% x = [x, x] %>", 60) + "<%= x.inspect %>",
		"deep brackets": "<%= " + strings.Repeat("(", 100000),
		"deep nots":     "<%= " + strings.Repeat("!", 100000) + "1 %>",
		"long chain":    "<%= 1" + strings.Repeat("+1", 100000) + " %>",
		"long calls":    "<%= 'a'" + strings.Repeat(".strip", 100000) + " %>",
		"size":          strings.Repeat("x", maxInput+1),
		"in a comment":  "# <% (1..999).each do |a| (1..999).each do |b| b end end %>",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Render("d", []byte(text), newWorld(t).env())
			if err == nil {
				t.Errorf("not refused: %d bytes", len(got.Text))
			}
		})
	}
}
