package vault

import "github.com/warmlyyours/hwdeploy/internal/vault/dotenv"

// Pair is one variable of a .env file.
type Pair struct{ Name, Value string }

// ParseDotenv reads a .env file for `Dotenv.load(…, overwrite: true)` in a
// configuration: variables come from entries above, then from lookup; `$(…)` is
// run by runShell, whose output loses one line break at the end and is not
// looked at again. An error of runShell ends the reading. A *dotenv.Error is text
// that dotenv refuses.
func ParseDotenv(text string, lookup func(string) (string, bool), runShell func(line string) (string, error)) ([]Pair, error) {
	return parseDotenv(text, false, lookup, runShell)
}

// ParseDotenvKeep is ParseDotenv for a plain `Dotenv.load`: names that lookup
// knows keep the value that they have, and their commands are not run.
func ParseDotenvKeep(text string, lookup func(string) (string, bool), runShell func(line string) (string, error)) ([]Pair, error) {
	return parseDotenv(text, true, lookup, runShell)
}

func parseDotenv(text string, keep bool, lookup func(string) (string, bool), runShell func(string) (string, error)) ([]Pair, error) {
	o := dotenv.Options{Lookup: lookup, Keep: keep}
	if runShell != nil {
		o.Command = func(c dotenv.Command) (string, error) { return runShell(c.Text) }
	}
	entries, err := dotenv.Parse(text, o)
	pairs := make([]Pair, len(entries))
	for i, e := range entries {
		pairs[i] = Pair{Name: e.Name, Value: e.Value}
	}
	return pairs, err
}
