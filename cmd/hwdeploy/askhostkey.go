package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/sshexec"
)

// hush clears the terminal of what is drawn, before a person is asked something.
func (a *app) hush() {
	if a.live != nil {
		a.live.Hush()
	}
}

// hostKeyAsker asks on a terminal whether an unknown host key is right, as ssh
// does; nil without one: then unknown keys are refused.
func (a *app) hostKeyAsker() func(context.Context, sshexec.HostKeyQuestion) (bool, error) {
	in, isFile := a.stdin.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) { //nolint:gosec // a descriptor fits
		return nil
	}
	return func(_ context.Context, q sshexec.HostKeyQuestion) (bool, error) {
		a.hush()
		_, err := fmt.Fprintf(a.stderr, "The authenticity of host '%s (%s)' can't be established.\n%s key fingerprint is %s.\n"+
			"It will be added to %s. Are you sure you want to continue connecting (yes/no)? ", q.Host, q.Address, q.KeyType, q.Fingerprint, q.File)
		if err != nil {
			return false, err
		}
		a.flush()
		answer, err := bufio.NewReader(in).ReadString('\n')
		return strings.EqualFold(strings.TrimSpace(answer), "yes"), err
	}
}
