package vault

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault/dotenv"
)

// paths gives the files that may exist, the later one winning.
func (v *Vault) paths() []string {
	own := v.o.SecretsPath
	if v.o.Destination != "" {
		own += "." + v.o.Destination
	}
	return []string{v.o.SecretsPath + "-common", own}
}

// Files gives the secrets files that exist, as the configuration names them.
func (v *Vault) Files() []string {
	var found []string
	for _, p := range v.paths() {
		if _, err := os.Stat(v.inDir(p)); err == nil {
			found = append(found, p)
		}
	}
	return found
}

func (v *Vault) inDir(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(v.o.Dir, path)
}

// file is a secrets file that exists.
type file struct{ name, text string }

func (v *Vault) files() ([]file, error) {
	var all []file
	for _, name := range v.paths() {
		text, err := os.ReadFile(v.inDir(name))
		switch info, statErr := os.Stat(v.inDir(name)); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil && statErr == nil && info.IsDir():
			v.warn(name, 0, "is a folder; secrets are read from a file")
		case err != nil:
			return nil, &FileError{File: name, Err: errors.Unwrap(err)}
		default:
			all = append(all, file{name, string(text)})
		}
	}
	return all, nil
}

func (v *Vault) warn(file string, line int, text string) {
	if v.o.Warn != nil {
		v.o.Warn(Warning{File: file, Line: line, Text: text})
	}
}

// read parses every file on its own, merges them, and resolves the references
// that are left.
func (v *Vault) read(ctx context.Context) ([]Entry, error) {
	r, err := v.newReading(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range r.files {
		r.collect(f)
	}
	var merged []found
	at := map[string]int{}
	for _, f := range r.files {
		entries, err := r.parse(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if i, ok := at[e.Name]; ok {
				merged[i] = found{f.name, e}
				continue
			}
			at[e.Name] = len(merged)
			merged = append(merged, found{f.name, e})
		}
	}
	return r.finish(ctx, merged)
}

// found is an entry with its file; its value may hold marks of references.
type found struct {
	file string
	dotenv.Entry
}

// reading is one pass over the files.
type reading struct {
	*Vault
	files   []file
	environ environment
	token   secret.Secret
	refs    references
}

func (v *Vault) newReading(ctx context.Context) (*reading, error) {
	files, err := v.files()
	if err != nil {
		return nil, err
	}
	env, token, err := v.environment(ctx)
	return &reading{Vault: v, files: files, environ: env, token: token}, err
}

func (r *reading) parse(ctx context.Context, f file) ([]dotenv.Entry, error) {
	entries, err := dotenv.Parse(f.text, dotenv.Options{
		Lookup:        r.environ.lookup,
		EscapedParens: true,
		Ignored: func(line int) {
			r.warn(f.name, line, "this line is no entry and is ignored")
		},
		Command: func(c dotenv.Command) (string, error) {
			out, err := r.command(ctx, f, c)
			if err != nil {
				err = &FileError{File: f.name, Line: c.Line, Name: c.Entry, Err: err}
			}
			return out, err
		},
		Done: func(e dotenv.Entry) string { return r.done(f, e) },
	})
	var bad *dotenv.Error
	if errors.As(err, &bad) {
		err = &FileError{File: f.name, Line: bad.Line, Err: errors.New(bad.Text)}
	}
	return entries, err
}

// done makes a value known to the redactor, or marks it as a reference.
func (r *reading) done(f file, e dotenv.Entry) string {
	switch ref := isReference(e.Value); {
	case ref && e.Literal:
		r.warn(f.name, e.Line, e.Name+" is a 1Password reference in single quotes, which is taken literally; use double quotes to have it resolved")
	case ref && !e.Computed:
		return r.refs.mark(e.Value)
	}
	r.red.Add(e.Value)
	return e.Value
}

// finish puts the values of references in.
func (r *reading) finish(ctx context.Context, merged []found) ([]Entry, error) {
	var used []string
	asks := "" // the file that asks first; no line, since any reference may be the bad one
	for _, e := range merged {
		if refs := r.refs.in(e.Value); len(refs) > 0 {
			used, asks = append(used, refs...), cmp.Or(asks, e.file)
		}
	}
	if err := r.resolve(ctx, used); err != nil {
		return nil, &FileError{File: asks, Err: err}
	}
	entries := make([]Entry, len(merged))
	var errs []error
	for i, e := range merged {
		value, err := r.refs.fill(e.Value)
		if err != nil {
			errs = append(errs, &FileError{File: e.file, Line: e.Line, Name: e.Name, Err: err})
		}
		r.red.Add(value)
		entries[i] = Entry{Name: e.Name, Value: secret.New(value)}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return entries, nil
}

// collect finds the references that stand in f as they are, so that a command
// that needs one of them has all of them resolved at once.
func (r *reading) collect(f file) {
	entries, err := dotenv.Parse(f.text, dotenv.Options{Lookup: r.environ.lookup, Command: func(dotenv.Command) (string, error) { return "", nil }})
	if err != nil {
		return // parse gives the error
	}
	if r.refs.early == nil {
		r.refs.early = map[string]string{}
	}
	for _, e := range entries {
		delete(r.refs.early, e.Name)
		if isReference(e.Value) && !e.Literal && !e.Computed {
			r.refs.early[e.Name] = e.Value
		}
	}
}
