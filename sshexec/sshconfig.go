package sshexec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/shlex"
	"github.com/kevinburke/ssh_config"
)

// The library reads lines and patterns; what it refuses for the whole file
// (Match with criteria it does not know) or resolves by its own idea of the home
// folder (Include) is done here, so that one odd block costs only that block.

// directive is one line of ssh_config; an Include carries what it included.
type directive struct {
	key   string // lower case
	value string
	pos   string // file:line
	sub   []directive
}

const maxIncludeDepth = 16 // as in OpenSSH

// configReader reads ssh_config files for one home folder.
type configReader struct {
	home string
	warn func(string)
}

// readAll reads the files in order. Missing ones are skipped unless required.
func (r configReader) readAll(files []string, required bool) ([]directive, error) {
	var all []directive
	for _, f := range files {
		one, err := r.readFile(f, 0)
		if errors.Is(err, fs.ErrNotExist) && !required {
			continue
		}
		if err != nil {
			return nil, err
		}
		// Each file starts outside any block.
		all = append(all, directive{key: "include", pos: f, sub: one})
	}
	return all, nil
}

func (r configReader) readFile(file string, depth int) ([]directive, error) {
	if depth > maxIncludeDepth {
		return nil, fmt.Errorf("%s: Include goes deeper than %d files", file, maxIncludeDepth)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []directive
	for i, line := range strings.Split(string(text), "\n") {
		d, ok := r.readLine(line, fmt.Sprintf("%s:%d", file, i+1))
		if !ok {
			continue
		}
		if d.key == "include" {
			if d.sub, err = r.include(d.value, file, depth); err != nil {
				return nil, err
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// readLine splits one line. Host, Match and Include are ours; the rest goes
// through the library, which knows quotes, equals signs and comments.
func (r configReader) readLine(line, pos string) (directive, bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return directive{}, false
	}
	word, rest := splitKeyword(line)
	switch key := strings.ToLower(word); key {
	case "host", "match", "include":
		return directive{key: key, value: rest, pos: pos}, true
	}
	cfg, err := ssh_config.DecodeBytes([]byte(line + "\n"))
	if err != nil {
		r.warn(fmt.Sprintf("%s: line left out: %v", pos, err))
		return directive{}, false
	}
	for _, h := range cfg.Hosts {
		for _, n := range h.Nodes {
			if kv, ok := n.(*ssh_config.KV); ok {
				return directive{key: strings.ToLower(kv.Key), value: kv.Value, pos: pos}, true
			}
		}
	}
	return directive{}, false
}

// splitKeyword cuts "Host = a b # note" into "Host" and "a b".
func splitKeyword(line string) (word, rest string) {
	i := strings.IndexAny(line, " \t=")
	if i < 0 {
		return line, ""
	}
	rest = strings.TrimLeft(line[i:], " \t")
	rest = strings.TrimPrefix(rest, "=")
	if j := strings.Index(rest, " #"); j >= 0 {
		rest = rest[:j]
	}
	return line[:i], strings.TrimSpace(rest)
}

// include reads every file that an Include names, in lexical order. Relative
// names start in ~/.ssh, or in /etc/ssh for files from there.
func (r configReader) include(value, from string, depth int) ([]directive, error) {
	names, err := shlex.Split(value)
	if err != nil {
		return nil, fmt.Errorf("%s: Include %s: %w", from, value, err)
	}
	var out []directive
	for _, name := range names {
		matches, err := filepath.Glob(r.includePath(name, from))
		if err != nil {
			return nil, fmt.Errorf("%s: Include %s: %w", from, name, err)
		}
		for _, m := range matches {
			if st, err := os.Stat(m); err == nil && st.IsDir() {
				continue
			}
			sub, err := r.readFile(m, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, directive{key: "include", pos: m, sub: sub})
		}
	}
	return out, nil
}

func (r configReader) includePath(name, from string) string {
	switch {
	case strings.HasPrefix(name, "~/"):
		return filepath.Join(r.home, name[2:])
	case filepath.IsAbs(name):
		return name
	case strings.HasPrefix(filepath.Clean(from), "/etc/ssh"):
		return filepath.Join("/etc/ssh", name)
	}
	return filepath.Join(r.home, ".ssh", name)
}
