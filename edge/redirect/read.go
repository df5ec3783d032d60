package redirect

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/warmlyyours/hwdeploy/edge/mistake"
)

// maxColumns are source, target, status and four booleans.
const maxColumns = 7

// File is one CSV file.
type File struct {
	Name string // as it appears in mistakes
	Text []byte
}

// Read reads files in their order. The error is a mistake.List.
func Read(files []File) ([]Redirect, error) {
	r := &reader{seen: map[string]mistake.Mistake{}}
	for _, f := range files {
		r.file(f)
	}
	if err := r.wrong.OrNil(); err != nil {
		return nil, err
	}
	return r.rows, nil
}

type reader struct {
	name  string
	line  int
	rows  []Redirect
	wrong mistake.List
	seen  map[string]mistake.Mistake // where a source stands, by key
}

func (r *reader) say(format string, args ...any) {
	r.wrong.Say(r.name, r.line, format, args...)
}

func (r *reader) file(f File) {
	r.name = f.Name
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(f.Text, []byte("\xef\xbb\xbf"))))
	in.FieldsPerRecord, in.ReuseRecord = -1, true
	for first := true; ; first = false {
		row, err := in.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &broken):
			r.line = broken.StartLine
			r.say("column %d: %v", broken.Column, broken.Err)
			continue
		case err != nil:
			r.line = 0
			r.say("%v", err)
			return
		}
		r.line, _ = in.FieldPos(0)
		r.row(row, first)
	}
}

func (r *reader) row(row []string, first bool) {
	before := len(r.wrong)
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	for len(row) > maxColumns && row[len(row)-1] == "" {
		row = row[:len(row)-1] // trailing commas
	}
	switch {
	case strings.Join(row, "") == "":
		return
	case first && isHeader(row[0]):
		r.say("a header row: the format has none")
		return
	case len(row) < 2 || len(row) > maxColumns:
		r.say("%d columns: it should be 2 to %d: source, target, status, preserve query string, include subdomains, subpath matching, preserve path suffix", len(row), maxColumns)
		return
	}
	x := r.redirect(row)
	if len(r.wrong) == before && r.once(x) {
		r.rows = append(r.rows, x)
	}
}

func isHeader(field string) bool {
	f := strings.ToLower(strings.ReplaceAll(field, " ", "_"))
	return f == "source_url" || f == "source" || f == "from"
}

func (r *reader) redirect(row []string) Redirect {
	for len(row) < maxColumns {
		row = append(row, "")
	}
	x := Redirect{SourceURL: row[0], TargetURL: row[1], StatusCode: r.status(row[2])}
	x.PreserveQueryString = r.boolean("preserve query string", row[3])
	x.IncludeSubdomains = r.boolean("include subdomains", row[4])
	x.SubpathMatching = r.boolean("subpath matching", row[5])
	x.PreservePathSuffix = r.boolean("preserve path suffix", row[6])
	r.source(x.SourceURL)
	r.target(x)
	return x
}

// once refuses what the list can't hold twice.
func (r *reader) once(x Redirect) bool {
	if was, ok := r.seen[x.Key()]; ok {
		r.say("source %s stands in %s:%d, too", x.SourceURL, was.File, was.Line)
		return false
	}
	r.seen[x.Key()] = mistake.Mistake{File: r.name, Line: r.line}
	return true
}
