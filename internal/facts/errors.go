package facts

import (
	"errors"
	"fmt"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

// ErrorText is an error as a fact shows it: its class and Kamal's text, without
// the place in a file, which goes into the error itself.
func ErrorText(err error) string {
	var bad *config.Errors
	var missing *vault.NotFoundError
	var program *vault.MissingProgramError
	var file *vault.FileError
	var version *VersionError
	switch {
	case errors.As(err, &bad):
		return fmt.Sprintf("%s: %s", bad.First().Kind, bad.First().Message)
	case errors.As(err, &missing):
		return "ConfigurationError: " + missing.Error()
	case errors.As(err, &program):
		return "Error: " + err.Error()
	case errors.As(err, &file):
		return "RuntimeError: " + file.Err.Error()
	case errors.As(err, &version):
		return "RuntimeError: " + version.Error()
	}
	return "Error: " + err.Error()
}

// loadFact is the fact about loading: ok, or the first mistake.
func loadFact(err error) Fact { return Fact{Name: "load", Bare: true, Value: "ok", Err: err} }

func unknown(what, name string) error { return fmt.Errorf("there is no %s %q", what, name) }
