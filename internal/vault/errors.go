package vault

import (
	"fmt"
	"strings"
)

// NotFoundError is a name that no secrets file has.
type NotFoundError struct {
	Name   string
	Files  []string // the files that exist
	Looked []string // the files that were looked for
}

// Error is Kamal's text.
func (e *NotFoundError) Error() string {
	if len(e.Files) == 0 {
		return fmt.Sprintf("Secret '%s' not found, no secret files (%s) provided", e.Name, strings.Join(e.Looked, ", "))
	}
	return fmt.Sprintf("Secret '%s' not found in %s", e.Name, strings.Join(e.Files, ", "))
}

// FileError is a secrets file that can't be used. Line is 0 when the error is
// about the whole file.
type FileError struct {
	File string
	Line int
	// Name is the entry that is being evaluated, empty when there is none.
	Name string
	Err  error
}

// Error gives "file:line: NAME: what".
func (e *FileError) Error() string {
	where := e.File
	if e.Line > 0 {
		where += fmt.Sprintf(":%d", e.Line)
	}
	if e.Name != "" {
		where += ": " + e.Name
	}
	return where + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// MissingProgramError is a command whose program is not there.
type MissingProgramError struct {
	// Program is its name, empty when only the shell knows; Said is then what the
	// shell said last.
	Program, Said string
}

// Error names the program.
func (e *MissingProgramError) Error() string {
	if e.Program == "" {
		return "a program of this command is not installed: " + e.Said
	}
	return fmt.Sprintf("program %q is not installed, or not in PATH", e.Program)
}

// UsageError is a wrong call of fetch, extract or print, in Kamal's words.
type UsageError struct{ Text string }

// Error gives the text.
func (e *UsageError) Error() string { return e.Text }
