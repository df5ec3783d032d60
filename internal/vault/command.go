package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/vault/dotenv"
)

// missingStatus is the shell's exit status for a program that is not there
// (POSIX, Shell Command Language §2.8.2).
const missingStatus = 127

// hiddenLine runs a line that holds secrets: it comes by the environment, since
// everyone on the machine can read command lines.
const (
	lineVar    = "HWDEPLOY_LINE"
	hiddenLine = `hwdeploy_line=$` + lineVar + `; unset ` + lineVar + `; eval "$hwdeploy_line"`
)

// command runs one substitution and gives its output. As in Kamal the exit
// status does not matter, but for a missing program.
func (r *reading) command(ctx context.Context, f file, c dotenv.Command) (string, error) {
	text := c.Text
	if refs := r.refs.in(text); len(refs) > 0 {
		if err := r.resolve(ctx, append(refs, r.refs.inFiles()...)); err != nil {
			return "", err
		}
		var err error
		if text, err = r.refs.fill(text); err != nil {
			return "", err
		}
	}
	if call, ok := inlineCall(text); ok {
		return r.inline(ctx, call)
	}
	if p := missingProgram(text, r.o.Dir, r.environ); p != "" {
		return "", &MissingProgramError{Program: r.red.String(p)}
	}
	cmd := run.Cmd{
		Line: text, Name: fmt.Sprintf("command of %s at %s:%d", c.Entry, f.name, c.Line),
		Dir: r.o.Dir, Env: r.environ, Stdin: r.o.Stdin, Stderr: r.o.Stderr,
	}
	if c.FromEntries {
		cmd.Line, cmd.Env = hiddenLine, append(r.environ[:len(r.environ):len(r.environ)], lineVar+"="+text)
	}
	res, err := r.o.Runner.Run(ctx, cmd)
	var exit *run.ExitError
	switch {
	case err == nil:
		return res.Stdout, nil
	case !errors.As(err, &exit) || ctx.Err() != nil:
		return "", err
	case exit.Code == missingStatus:
		said := strings.Split(strings.TrimSpace(exit.Stderr), "\n")
		return "", &MissingProgramError{Said: r.red.String(said[len(said)-1])}
	}
	r.warn(f.name, c.Line, fmt.Sprintf("the command of %s failed (exit status %d); what it printed is the value, as with Kamal", c.Entry, exit.Code))
	return exit.Stdout, nil
}
