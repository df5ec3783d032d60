// Package ui renders: events, plans and errors become a terminal, plain lines,
// GitHub Actions commands or JSON lines. Only it and
// cmd print.
//
// Laws: everything passes the redacting writer it is given; the JSON form is
// documented in docs/events.md; an error is printed here and nowhere else: what it
// says of itself (ExitCode, Hints, Serving) is its own, the form is ui's.
//
// Sources: https://docs.github.com/actions/reference/workflow-commands-for-github-actions,
// https://no-color.org.
package ui
