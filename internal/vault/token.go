package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// TokenFile holds 1Password's service-account token, in the project. It opens
// every vault that the account may read, so it must stay here.
const TokenFile = ".kamal/.op-service-account-token"

// Unattended tells whether 1Password is asked by a service account: then nobody
// has to approve anything, and resolving may go on beside other work.
func (v *Vault) Unattended() bool {
	token, _ := environment(v.o.Environ).lookup(tokenVar)
	info, err := os.Stat(v.inDir(TokenFile))
	return token != "" || err == nil && info.Size() > 0
}

// token is that of the environment, else of its file; zero when there is none. A
// file that others can read, or that git might ship, is refused.
func (v *Vault) token(ctx context.Context) (secret.Secret, error) {
	if token, _ := environment(v.o.Environ).lookup(tokenVar); token != "" {
		return secret.New(token), nil
	}
	text, err := os.ReadFile(v.inDir(TokenFile))
	if errors.Is(err, fs.ErrNotExist) {
		return secret.Secret{}, nil
	}
	if err != nil {
		return secret.Secret{}, &FileError{File: TokenFile, Err: errors.Unwrap(err)}
	}
	if err := v.guarded(ctx); err != nil {
		return secret.Secret{}, &FileError{File: TokenFile, Err: err}
	}
	return secret.New(strings.TrimSpace(string(text))), nil
}

func (v *Vault) guarded(ctx context.Context) error {
	info, err := os.Stat(v.inDir(TokenFile))
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("others can read it (mode %04o): chmod 600 %s", mode, TokenFile)
	}
	if v.o.Ignored == nil {
		return nil
	}
	ignored, err := v.o.Ignored(ctx, TokenFile)
	if err == nil && !ignored {
		err = fmt.Errorf("git does not ignore it: add %s to .gitignore, and make a new token if it was ever committed", TokenFile)
	}
	return err
}
