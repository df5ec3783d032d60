package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// outputFile keeps what a command showed, as the configuration's output/file
// asks: one file per run, in Kamal's form.
type outputFile struct {
	*ui.Plain
	file  *os.File
	text  io.Writer // redacted
	flush func() error
	now   func() time.Time
	begin time.Time
}

// outputFile opens the run's file; nil when none is wanted. One that cannot be
// written is a warning.
func (a *app) outputFile(cfg *config.Config, w *world) *outputFile {
	if cfg.Output.FilePath == "" {
		return nil
	}
	begin := a.now()
	words := []string{begin.Format("2006-01-02T15-04-05"), cfg.Destination, w.Command, w.Subcommand}
	var name []string
	for _, word := range words {
		if word != "" {
			name = append(name, word)
		}
	}
	dir := w.path(cfg.Output.FilePath)
	err := os.MkdirAll(dir, 0o750)
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(filepath.Join(dir, strings.Join(name, "_")+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the path is the configuration's
	}
	if err != nil {
		w.Sink.Emit(event.Event{Type: event.Warning, Message: &event.Message{Text: "output/file: no log is kept: " + err.Error()}})
		return nil
	}
	kept := a.redactor.Writer(f)
	return &outputFile{Plain: ui.NewPlain(kept, true), file: f, text: kept, flush: kept.Flush, now: a.now, begin: begin}
}

// end writes how the run ended and says where the file is.
func (o *outputFile) end(err error, sink event.Sink) {
	took := o.now().Sub(o.begin).Seconds()
	last := fmt.Sprintf("# Completed in %.1fs\n", took)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		last = fmt.Sprintf("# FAILED: %s (%.1fs)\n", first, took)
	}
	_, failed := io.WriteString(o.text, last)
	for _, f := range []func() error{o.flush, o.file.Close} {
		if e := f(); failed == nil {
			failed = e
		}
	}
	text := "Logs written to " + o.file.Name()
	if failed != nil {
		text += ", not whole: " + failed.Error()
	}
	sink.Emit(event.Event{Type: event.Notice, Message: &event.Message{Text: text}})
}
