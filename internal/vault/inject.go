package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault/adapter"
)

// inject resolves references by one run of `op inject`, which replaces each
// `{{ op://… }}` of the template on its standard input. Random marks around them
// let values hold any bytes.
// https://developer.1password.com/docs/cli/reference/commands/inject/
func (r *reading) inject(ctx context.Context, refs []string) (map[string]secret.Secret, error) {
	if !executable("op", r.o.Dir, r.environ) {
		return nil, noCLI()
	}
	mark := rand.Text()
	var template strings.Builder
	for _, ref := range refs {
		if strings.ContainsAny(ref, "{}") {
			return nil, fmt.Errorf("%s: braces can't be part of a reference; use the item's id", ref)
		}
		template.WriteString(mark + "<{{ " + ref + " }}>")
	}
	template.WriteString(mark)
	line := "op inject"
	if r.o.Account != "" {
		line += " --account " + adapter.Escape(r.o.Account)
	}
	res, err := r.o.Runner.Run(ctx, run.Cmd{
		Line: line, Name: "op inject", Dir: r.o.Dir, Env: r.environ,
		Stdin: strings.NewReader(template.String()), Stderr: r.o.Stderr,
	})
	if err != nil {
		return nil, injectError(err)
	}
	parts := strings.Split(res.Stdout, mark)
	if len(parts) != len(refs)+2 {
		return nil, errors.New("op inject: the answer does not fit the question")
	}
	values := map[string]secret.Secret{}
	for i, ref := range refs {
		value, ok := strings.CutPrefix(parts[i+1], "<")
		if value, ok2 := strings.CutSuffix(value, ">"); ok && ok2 {
			values[ref] = secret.New(value)
		}
	}
	return values, nil
}

func injectError(err error) error {
	var exit *run.ExitError
	switch {
	case !errors.As(err, &exit):
		return err
	case exit.Code == missingStatus:
		return noCLI()
	}
	return fmt.Errorf("sign in with `op signin`, or set %s or %s: %w", tokenVar, TokenFile, err)
}

func noCLI() error {
	return fmt.Errorf("%w; with %s or %s it is not needed", &MissingProgramError{Program: "op"}, tokenVar, TokenFile)
}
