package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

var errAborted = errors.New("Aborted")

// confirm asks on the terminal; anything but y or yes is no.
func (a *app) confirm(question string) error {
	in, isFile := a.stdin.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) { //nolint:gosec // a descriptor fits
		return usage("%s\n  there is no terminal to answer on: -y is yes", question)
	}
	if _, err := fmt.Fprint(a.stderr, question+" [y, N] (N) "); err != nil {
		return err
	}
	a.flush()
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errAborted
}
