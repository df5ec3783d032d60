package erb

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// world is an environment for tests: variables in a map, files in a folder and
// the real shell.
type world struct {
	vars   map[string]string
	dir    string
	loaded []string
	arch   string
}

func newWorld(t *testing.T, pairs ...string) *world {
	t.Helper()
	w := &world{vars: map[string]string{}, dir: t.TempDir(), arch: "amd64"}
	for i := 0; i+1 < len(pairs); i += 2 {
		w.vars[pairs[i]] = pairs[i+1]
	}
	return w
}

func (w *world) file(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) env() Env {
	return Env{
		YAML:  true,
		Get:   func(n string) (string, bool) { v, ok := w.vars[n]; return v, ok },
		Set:   func(n, v string) { w.vars[n] = v },
		Unset: func(n string) { delete(w.vars, n) },
		Shell: func(line string) (string, error) {
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir = w.dir
			out, err := cmd.Output()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				err = nil
			}
			return string(out), err
		},
		ReadFile: func(p string) ([]byte, error) { return fs.ReadFile(os.DirFS(w.dir), p) },
		Dotenv: func(files []string, overwrite bool) error {
			w.loaded = append(w.loaded, files...)
			if overwrite {
				w.loaded = append(w.loaded, "overwrite")
			}
			for _, f := range files {
				w.vars["FROM"] = f
			}
			return nil
		},
		DockerArch: func() (string, error) { return w.arch, nil },
	}
}

func render(t *testing.T, w *world, text string) string {
	t.Helper()
	got, err := Render("deploy.yml", []byte(text), w.env())
	if err != nil {
		t.Errorf("Render(%q): %v", text, err)
	}
	return string(got.Text)
}

func TestValues(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"variable", `<%= ENV["SET"] %>`, "yes"},
		{"single quotes", `<%= ENV['SET'] %>`, "yes"},
		{"unset", `a: <%= ENV["NONE"] %>`, "a: "},
		{"fetch", `<%= ENV.fetch("SET") %>`, "yes"},
		{"fetch default", `<%= ENV.fetch("NONE", "d") %>`, "d"},
		{"fetch default unused", `<%= ENV.fetch("SET", "d") %>`, "yes"},
		{"fetch number default", `<%= ENV.fetch("NONE", 3000) %>`, "3000"},
		{"fetch nil default", `<%= ENV.fetch("NONE", nil) %>`, ""},
		{"fetch block", `<%= ENV.fetch("NONE") { "from block" } %>`, "from block"},
		{"fetch block name", `<%= ENV.fetch("NONE") { |n| n + "!" } %>`, "NONE!"},
		{"fetch do", `<%= ENV.fetch("NONE") do "b" end %>`, "b"},
		{"fetch in fetch", `<%= ENV.fetch("NONE", ENV.fetch("SET", "d")) %>`, "yes"},
		{"or", `<%= ENV["NONE"] || "alt" %>`, "alt"},
		{"or keeps empty", `<%= ENV["EMPTY"] || "alt" %>`, ""},
		{"or chain", `<%= ENV["NONE"] || ENV["NADA"] || "z" %>`, "z"},
		{"or on two lines", "<%= ENV['NONE'] ||\n  'z' %>", "z"},
		{"and", `<%= ENV["SET"] && "a" %>`, "a"},
		{"words and/or", `<%= ENV["NONE"] or "b" %>`, "b"},
		{"not", `<%= not ENV["NONE"] %>`, "true"},
		{"command", "<%= `printf hello` %>", "hello"},
		{"command keeps newline", "<%= `echo a` %>", "a\n"},
		{"command strip", "<%= `echo a`.strip %>", "a"},
		{"command interpolates", "<%= `printf %s \"#{ENV['SET']}\"` %>", "yes"},
		{"%x()", `<%= %x(echo spaced).chomp %>`, "spaced"},
		{"%x{}", `<%= %x{echo a}.strip %>`, "a"},
		{"%x[]", `<%= %x[echo a].strip %>`, "a"},
		{"%x nests", `<%= %x(echo $(echo in)).strip %>`, "in"},
		{"failing command", "<%= `exit 3` %>", ""},
		{"file", `<%= File.read("v").strip %>`, "3.4.1"},
		{"file chomp", `<%= File.read('v').chomp %>`, "3.4.1"},
		{"file exists", `<%= File.exist?("v") ? "y" : "n" %>`, "y"},
		{"file does not", `<%= File.exist?("w") ? "y" : "n" %>`, "n"},
		{"arch", `<%= Kamal::Utils.docker_arch %>`, "amd64"},
		{"arithmetic", `x<%= 20 + 22 %>`, "x42"},
		{"precedence", `<%= 2 + 3 * 4 - 6 / 4 %>`, "13"},
		{"floor division", `<%= -7 / 2 %> <%= -7 % 3 %>`, "-4 2"},
		{"parentheses", `<%= (2 + 3) * 4 %>`, "20"},
		{"left to right", `<%= 10 - 3 - 2 %> <%= 100 / 5 / 2 %> <%= 7 - 2 == 5 %>`, "5 10 true"},
		{"negative numbers", `<%= 7 / -2 %> <%= 7 % -3 %> <%= -6 / 2 %> <%= 3 - 5 %> <%= -3 * -4 %>`, "-4 -2 -3 -2 12"},
		{"comparisons", `<%= 1 < 2 %><%= 2 <= 1 %><%= "a" < "b" %><%= "b" >= "c" %><%= 1.5 > 1 %>`, "truefalsetruefalsetrue"},
		{"equal lists", `<%= [1, "a"] == [1, "a"] %><%= [1] == [2] %><%= [1] == [1, 2] %><%= 1 == 1.0 %><%= 1 == "1" %>`, "truefalsefalsetruefalse"},
		{"numbers", `<%= 0x1f %> <%= 0b11 %> <%= 017 %> <%= 1_000 %> <%= -5.abs %> <%= 4.even? %>`, "31 3 15 1000 5 true"},
		{"float", `<%= 1.50 %> <%= 1e20 %>`, "1.5 1.0e+20"},
		{"plus", `<%= "a" + ENV["SET"] + 'c' %>`, "ayesc"},
		{"interpolation", `<%= "a#{ENV['SET']}b" %>`, "ayesb"},
		{"interpolated quotes", `<%= "a#{ENV["SET"]}b#{"c#{1}"}" %>`, "ayesbc1"},
		{"single quotes do not interpolate", `<%= 'a#{1}\n' %>`, `a#{1}\n`},
		{"escapes", `<%= "a\tb\\\"\u{e9}\u00e9" %>`, "a\tb\\\"éé"},
		{"ternary", `<%= ENV["SET"] == "yes" ? "p" : "q" %>`, "p"},
		{"ternary nested", `<%= false ? 1 : nil ? 2 : 3 %>`, "3"},
		{"ternary narrow", `<%= ENV["SET"]=="no"?"p":"q" %>`, "q"},
		{"not equal", `<%= ENV["SET"] != "no" %>`, "true"},
		{"to_s", `<%= 5.to_s + "a" %>`, "5a"},
		{"to_i", `<%= "42abc".to_i + "x".to_i + " 1_0".to_i %>`, "52"},
		{"upcase", `<%= "aé".upcase %><%= "AÉ".downcase %><%= "hELLO".capitalize %>`, "AÉaéHello"},
		{"split", `<%= "a,b,,".split(",").inspect %>`, `["a", "b"]`},
		{"split join", `<%= "a b  c".split.join("-") %>`, "a-b-c"},
		{"inspect", `<%= ENV["SET"].inspect %> <%= ENV["NONE"].inspect %>`, `"yes" nil`},
		{"inspect escapes", `<%= "a\n\#{x}\"".inspect %>`, `"a\n\#{x}\""`},
		{"nil?", `<%= ENV["NONE"].nil? %> <%= ENV["SET"].nil? %>`, "true false"},
		{"empty?", `<%= ENV["EMPTY"].empty? %>`, "true"},
		{"present?", `<%= ENV["NONE"].present? %><%= ENV["EMPTY"].present? %><%= ENV["SET"].present? %>`, "falsefalsetrue"},
		{"presence", `<%= ENV["EMPTY"].presence || "d" %>`, "d"},
		{"safe navigation", `<%= ENV["NONE"]&.strip %>|<%= ENV["SET"]&.upcase %>`, "|YES"},
		{"slices", `<%= "abcdef"[0, 3] %> <%= "abcdef"[0..1] %> <%= "abcdef"[0...1] %> <%= "abcdef"[-2..] %> <%= "abc"[1] %>`, "abc ab a ef b"},
		{"list index", `<%= "a,b,c".split(",")[1] %><%= %w[a b c].first %><%= %w[a b c].last %><%= %w[a b c][0, 2].join %>`, "bacab"},
		{"slice outside", `<%= "abc"[5].inspect %><%= "abc"[3].inspect %><%= "abc"[3..].inspect %><%= "abc"[4..].inspect %><%= "abc"["b"] %><%= "abc"["x"].inspect %>`, `nilnil""nilbnil`},
		{"parts of lists", `<%= %w[a b c].first(2).join %><%= %w[a b c].last(2).join %><%= %w[a b c][-1] %><%= %w[a b c][5].inspect %>`, "abbccnil"},
		{"list methods", `<%= ["b", nil, "a", "b"].compact.uniq.sort.reverse.inspect %> <%= (%w[a b] + %w[c] - %w[a]).join %> <%= [].empty? %><%= [nil].any? %>`, `["b", "a"] bc truefalse`},
		{"block methods", `<%= %w[a b].any? { |x| x == "b" } %><%= %w[a b].all? { |x| x == "b" } %><%= [1, nil].filter_map { |x| x }.inspect %>`, "truefalse[1]"},
		{"text methods", `<%= "a.b.c".sub(".", "-") %> <%= "abc".delete_prefix("a").delete_suffix("c") %> <%= "a\n".chomp("\n\n").inspect %>`, `a-b.c b "a\n"`},
		{"map to proc", `<%= "a , b".split(",").map(&:strip).join("+") %>`, "a+b"},
		{"map block", `<%= %w[a b].map { |h| "- #{h}" }.join("\n") %>`, "- a\n- b"},
		{"select", `<%= %w[a b].reject { |h| h == "a" }.inspect %>`, `["b"]`},
		{"include?", `<%= %w[a yes].include?(ENV["SET"]) %>`, "true"},
		{"start_with?", `<%= ENV["SET"].start_with?("y") %>`, "true"},
		{"gsub", `<%= "a-b-c".gsub("-", "_") %>`, "a_b_c"},
		{"symbol", `<%= :abc %> <%= :abc.inspect %>`, "abc :abc"},
		{"nothing", `a<%= %>b<%= nil %>c`, "abc"},
		{"modifier", `<%= "x" if ENV["SET"] %><%= "y" unless ENV["SET"] %>`, "x"},
		{"key?", `<%= ENV.key?("SET") %>`, "true"},
		{"chain on lines", "<%= ENV['SET']\n  .upcase\n  .downcase %>", "yes"},
		{"require with value", `<% require "dotenv"; Dotenv.load(".env") %><%= ENV["FROM"] %>`, ".env"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "SET", "yes", "EMPTY", "")
			w.file(t, "v", "3.4.1\n")
			if got := render(t, w, tt.text); got != tt.want {
				t.Errorf("%s\n got %q\nwant %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestTags(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"comment tag", "F: <%# dropped %>kept", "F: kept"},
		{"literal", "<%% literal %%>", "<% literal %%>"},
		{"literal close in code", `<%= "a %%> b" %>`, "a %> b"},
		{"percent lines are text", "% x\n%% y\n", "% x\n%% y\n"},
		{"trim", "a\n<% x = 1 -%>\nb\n", "a\nb\n"},
		{"no trim", "a\n<% x = 1 %>\nb\n", "a\n\nb\n"},
		{"trim only at the end of a line", "<% x = 1 -%> \nb", " \nb"},
		{"trim carriage return", "<% x = 1 -%>\r\nb", "b"},
		{"trim before", "a\n  <%- x = 1 -%>\nb", "a\nb"},
		{"trim before keeps other text", "a <%- x = 1 -%>\nb", "a b"},
		{"trim value", "<%= 1 -%>\nb", "1b"},
		{"trim comment", "<%# c -%>\nb", "b"},
		{"ruby comment", "<% # note -%>\nb", "b"},
		{"comment on a line", "<%\n# note\nx = 1\n# more\n%><%= x %>", "1"},
		{"if", "<% if ENV['SET'] %>a<% end %>", "a"},
		{"if empty is true", "<% if ENV['EMPTY'] %>a<% end %>", "a"},
		{"if unset", "<% if ENV['NONE'] %>a<% else %>b<% end %>", "b"},
		{"elsif", "<% if false %>a<% elsif ENV['SET'] == 'yes' %>b<% else %>c<% end %>", "b"},
		{"unless", "<% unless ENV['NONE'] %>a<% end %>", "a"},
		{"unless else", "<% unless ENV['SET'] %>a<% else %>b<% end %>", "b"},
		{"if then", "<% if true then %>a<% end %>", "a"},
		{"nested if", "<% if true %><% if false %>a<% else %>b<% end %>c<% end %>", "bc"},
		{"if with trim", "a:\n<% if true -%>\n  b: 1\n<% end -%>\nc: 2\n", "a:\n  b: 1\nc: 2\n"},
		{"each", "<% ENV['HOSTS'].split(',').each do |h| %>- <%= h %>\n<% end %>", "- h1\n- h2\n"},
		{"each words", "<% %w[a b].each do |x| %><%= x %>;<% end %>", "a;b;"},
		{"each braces", "<% %w[a b].each { |x| %><%= x %>;<% } %>", "a;b;"},
		{"each list", `<% ["a", 1].each do |x| %><%= x %>;<% end %>`, "a;1;"},
		{"each index", "<% %w[a b].each_with_index do |x, i| %><%= i %><%= x %><% end %>", "0a1b"},
		{"each keeps what it hides", "<% h = 1 %><% %w[a].each do |h| %><%= h %><% end %><%= h %>", "a1"},
		{"each sets outer", "<% x = 0 %><% %w[a b].each do |h| %><% x += 1 %><% end %><%= x %>", "2"},
		{"each with branch", "<% %w[a b].each do |h| %><% if h == 'a' %><% y = 1 %><% end %>[<%= y %>]<% end %>", "[1][]"},
		{"range", "<% (1..3).each do |i| %><%= i %><% end %>", "123"},
		{"times", "<% 3.times do |i| %><%= i %><% end %>", "012"},
		{"assignment", "<% x = ENV['NONE'] || 'd' %><%= x %>", "d"},
		{"assignment in branch", "<% if false %><% x = 1 %><% end %>[<%= x %>]", "[]"},
		{"or-assignment", "<% x ||= 'a'; x ||= 'b' %><%= x %>", "a"},
		{"plus-assignment", "<% x = 'a'; x += 'b' %><%= x %>", "ab"},
		{"constant", "<% LIST = %w[a b] %><%= LIST.join %>", "ab"},
		{"set variable", `<% ENV["NEW"] = "v" %><%= ENV["NEW"] %>`, "v"},
		{"default variable", `<% ENV["NEW"] ||= "v"; ENV["SET"] ||= "w" %><%= ENV["NEW"] %><%= ENV["SET"] %>`, "vyes"},
		{"unset variable", `<% ENV["SET"] = nil %>[<%= ENV["SET"] %>]`, "[]"},
		{"bom", "\ufeff<%= 1 %>", "\ufeff1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "SET", "yes", "EMPTY", "", "HOSTS", "h1,h2")
			if got := render(t, w, tt.text); got != tt.want {
				t.Errorf("%s\n got %q\nwant %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestDotenv(t *testing.T) {
	tests := []struct{ text, want string }{
		{`<% require "dotenv"; Dotenv.load(".env") %>`, ".env"},
		{`<% require 'dotenv'
Dotenv.load '.env.production' %>`, ".env.production"},
		{`<% Dotenv.load(".env.local", ".env") %>`, ".env.local .env"},
		{`<% Dotenv.load(".env", overwrite: true) %>`, ".env overwrite"},
		{`<% Dotenv.load ".env", overwrite: true %>`, ".env overwrite"},
		{`<% Dotenv.load(".env", :overwrite => true) %>`, ".env overwrite"},
		{`<% Dotenv.overload(".env") %>`, ".env overwrite"},
		{`<% Dotenv.load(".env.#{ENV['KAMAL_DESTINATION']}") %>`, ".env.stage"},
		{`<% Dotenv.load %>`, ".env"},
		{`<% require "dotenv/load" %>`, ".env"},
		{`# <% Dotenv.load(".env") %>`, ".env"},
	}
	for _, tt := range tests {
		w := newWorld(t, "KAMAL_DESTINATION", "stage")
		render(t, w, tt.text)
		if got := strings.Join(w.loaded, " "); got != tt.want {
			t.Errorf("%s loads %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestEnvWithoutFunctions(t *testing.T) {
	for _, text := range []string{
		"<%= `ls` %>", `<%= File.read("x") %>`, `<%= File.exist?("x") %>`, `<% ENV["A"] = "b" %>`, `<% ENV["A"] = nil %>`,
		`<% Dotenv.load %>`, `<%= Kamal::Utils.docker_arch %>`,
	} {
		if got, err := Render("d", []byte(text), Env{}); err == nil {
			t.Errorf("%s gives %q", text, got.Text)
		}
	}
	if got, err := Render("d", []byte(`[<%= ENV["A"] %>]`), Env{}); err != nil || string(got.Text) != "[]" {
		t.Errorf("got %q, %v", got.Text, err)
	}
}

func TestConstantsSurvive(t *testing.T) {
	w := newWorld(t)
	env := w.env()
	env.Consts = &Consts{}
	if _, err := Render("a", []byte(`<% HOST = "h1"; x = 1 %>`), env); err != nil {
		t.Fatal(err)
	}
	got, err := Render("b", []byte(`<%= HOST %>`), env)
	if err != nil || string(got.Text) != "h1" {
		t.Errorf("got %q, %v", got.Text, err)
	}
	if _, err := Render("b", []byte(`<%= x %>`), env); err == nil {
		t.Error("a local variable survived")
	}
}
