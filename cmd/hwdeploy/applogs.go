package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// logFlags are those of every logs command.
type logFlags struct {
	globals
	kamal.ContainerLogs
	bare, json bool
}

func (f *logFlags) bindLogs(c *cobra.Command) {
	f.bind(c, true)
	jsonFlag(c, &f.json)
	s := c.Flags()
	s.StringVarP(&f.Since, "since", "s", "", "lines since a time or an age such as 10m")
	s.IntVarP(&f.Lines, "lines", "n", 0, "last lines; default 100, or 10 with --follow")
	s.StringVarP(&f.Grep, "grep", "g", "", "lines that match only")
	s.StringVar(&f.GrepOptions, "grep-options", "", "options for grep")
	s.BoolVarP(&f.Follow, "follow", "f", false, "go on: all logs in one stream")
	s.BoolVarP(&f.bare, "skip-timestamps", "T", false, "without time stamps")
}

// settle fills what the flags leave open.
func (f *logFlags) settle() {
	f.Timestamps, f.json = !f.bare, f.json || f.output == "json"
	if f.Lines == 0 && f.Since == "" && f.Grep == "" {
		f.Lines = 100
		if f.Follow {
			f.Lines = 10
		}
	}
}

func (a *app) appLogs() *cobra.Command {
	f, id := &logFlags{}, ""
	c := &cobra.Command{Use: "logs", Short: "The log of what serves", Args: cobra.NoArgs}
	f.bindLogs(c)
	c.Flags().StringVar(&id, "container-id", "", "another container than the one that serves")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		f.settle()
		return a.logs(cmd, f, "App", func(e *deploy.Engine) []deploy.LogSource {
			return e.AppLogs(kamal.LogsSpec{
				ContainerID: id, Since: f.Since, Lines: f.Lines, Grep: f.Grep, GrepOptions: f.GrepOptions,
				Timestamps: f.Timestamps, Follow: f.Follow,
			})
		})
	}
	return c
}

// logs shows logs, whole by host or line by line as they are written.
func (a *app) logs(cmd *cobra.Command, f *logFlags, header string, sources func(*deploy.Engine) []deploy.LogSource) error {
	return a.withEngine(cmd, &f.globals, func(ctx context.Context, _ *world, e *deploy.Engine) error {
		all := sources(e)
		if f.Follow {
			return a.follow(ctx, f, e, all)
		}
		said, err := e.Logs(ctx, all)
		for i, s := range said {
			if s.Host == "" {
				continue
			}
			if !f.json {
				if s.Text == "" {
					s.Text = "Nothing found"
				}
				err = errors.Join(err, a.byHost(&f.globals, header, s))
				continue
			}
			for line := range strings.Lines(s.Text) {
				err = errors.Join(err, a.jsonLine(all[i], f.Timestamps, strings.TrimRight(line, "\n")))
			}
		}
		return err
	})
}

// follow prints lines as they come; where there are several logs each line says
// which it is of.
func (a *app) follow(ctx context.Context, f *logFlags, e *deploy.Engine, all []deploy.LogSource) error {
	names, width := map[deploy.LogSource]string{}, 0
	for _, s := range all {
		names[s] = strings.TrimSpace(s.Host + " " + s.Role)
		width = max(width, len(names[s]))
	}
	err := e.Follow(ctx, all, func(s deploy.LogSource, line string) error {
		if f.json {
			return a.jsonLine(s, f.Timestamps, line)
		}
		if len(all) == 1 {
			_, err := fmt.Fprintln(a.stdout, line)
			return err
		}
		_, err := fmt.Fprintf(a.stdout, "%-*s | %s\n", width, names[s], line)
		return err
	})
	if errors.Is(err, context.Canceled) {
		return stopped{err}
	}
	return err
}

// stopped is the ordinary end of following.
type stopped struct{ error }

func (stopped) ExitCode() int { return 130 }
func (stopped) Silent() bool  { return true }

// jsonLine prints a log line as one line of JSON.
func (a *app) jsonLine(s deploy.LogSource, timed bool, line string) error {
	out := struct {
		Host string `json:"host"`
		Role string `json:"role,omitempty"`
		Time string `json:"time,omitempty"`
		Line string `json:"line"`
	}{Host: s.Host, Role: s.Role, Line: line}
	if at, rest, ok := strings.Cut(line, " "); timed && ok {
		out.Time, out.Line = at, rest
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := a.stdout.Write(b.Bytes())
	return err
}
