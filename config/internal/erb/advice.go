package erb

import "strings"

// constantAdvice says what to write instead of a constant or a method of one.
func constantAdvice(path string) string {
	for _, a := range []struct{ prefix, rewrite string }{
		{"RUBY_VERSION", `use File.read(".ruby-version").strip or write the version`},
		{"RUBY_", "write the value"},
		{"Rails.application.credentials", "use a secret, or ENV[…]"},
		{"Rails.root", "use a path relative to the working directory"},
		{"Rails.env", `use ENV.fetch("RAILS_ENV", "production")`},
		{"Rails", `use ENV[…], such as ENV.fetch("RAILS_ENV", "production")`},
		{"YAML", "write the value, or read it with a command: `yq -r .key file.yml`.strip"},
		{"Psych", "write the value, or read it with a command: `yq -r .key file.yml`.strip"},
		{"JSON", "read it with a command: `jq -r .key file.json`.strip"},
		{"Date", "use a command: `date +%Y-%m-%d`.strip"},
		{"DateTime", "use a command: `date +%FT%T`.strip"},
		{"Time", "use a command: `date +%s`.strip"},
		{"Socket", "use a command: `hostname`.strip"},
		{"Etc", "use a command: `id -un`.strip or `nproc`.strip"},
		{"SecureRandom", "use a command: `openssl rand -hex 16`.strip"},
		{"Digest", "use a command: `sha256sum file | cut -c1-64`.strip"},
		{"Open3", "use a command in backticks"},
		{"Net", "use a command: `curl -fsS URL`.strip"},
		{"URI", "write the value, or use a command in backticks"},
		{"Dir.pwd", "use a path relative to the working directory"},
		{"Dir", "use a command: `ls`.lines"},
		{"Pathname", `use File.read("path") with a path relative to the working directory`},
		{"File.expand_path", "use a path relative to the working directory"},
		{"File", `use File.read("path") or File.exist?("path")`},
		{"Gem", "write the value, or read a file with File.read"},
		{"Bundler", "write the value, or read a file with File.read"},
		{"Shellwords", "write the quoted text"},
		{"Kamal", "write the value"},
	} {
		if path == a.prefix || strings.HasPrefix(path, a.prefix) && !isWordAt(path, len(a.prefix), a.prefix) {
			return a.rewrite
		}
	}
	return "write the value, or use ENV[…], File.read(…) or a command in backticks"
}

// isWordAt tells that the name goes on behind the prefix, as in Dates for Date.
func isWordAt(path string, at int, prefix string) bool {
	c := path[at]
	return !strings.HasSuffix(prefix, "_") && (c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
}

// nameAdvice is for names without receiver.
func nameAdvice(name string) string {
	switch name {
	case "system", "exec", "spawn", "sh":
		return "use a command in backticks"
	case "puts", "print", "p", "pp", "warn":
		return "use <%= … %> to insert text"
	case "require_relative", "load", "eval", "binding":
		return "remove it and what needs it"
	case "rand":
		return "use a command: `shuf -i 0-99 -n 1`.strip"
	case "format", "sprintf":
		return `use "…#{…}…"`
	}
	return "assign it in a tag above, or use ENV[…]"
}

// methodAdvice is for methods of values.
func methodAdvice(name string) string {
	switch name {
	case "match", "match?", "scan", "=~", "tr", "delete", "slice":
		return "use a command in backticks, such as sed"
	case "dig", "to_h", "each_pair", "merge":
		return "hashes are not supported; write the values"
	case "inject", "reduce", "sum", "each_with_object", "flat_map", "zip":
		return "use each, map or join"
	case "strftime":
		return "use a command: `date +%Y-%m-%d`.strip"
	case "in?":
		return `use %w[a b].include?(value)`
	}
	return ""
}

func keywordAdvice(word string) string {
	switch word {
	case "case", "when":
		return "use if and elsif"
	case "while", "until", "for", "next", "break", "redo", "return":
		return "use each, map or select"
	case "begin", "rescue", "ensure", "retry":
		return "test before, as in File.exist?(…) ? … : …"
	case "def", "class", "module", "yield", "super", "self", "undef", "alias":
		return "assign values to variables instead"
	case "defined?":
		return `use ENV.key?("X")`
	case "__dir__", "__FILE__", "__LINE__":
		return "use a path relative to the working directory"
	}
	return ""
}

func operatorAdvice(op string) string {
	switch op {
	case "{", "->":
		return "hashes and lambdas are not supported; use variables, lists and if"
	case "*", "**", "&":
		return "write the arguments one by one"
	case "::":
		return "leave the leading :: out"
	}
	return ""
}
