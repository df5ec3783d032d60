package kamal

import (
	"fmt"
	"strings"
)

// Commands are the built-in first words, which aliases can't shadow.
func Commands() []string {
	return []string{"accessory", "app", "audit", "build", "config", "deploy", "details", "docs", "help", "init", "lock",
		"proxy", "prune", "redeploy", "registry", "remove", "rollback", "secrets", "server", "setup", "upgrade", "version"}
}

// AmbiguousError is a word that begins several commands.
type AmbiguousError struct {
	Word    string
	Matches []string
}

// Error is Kamal's text.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("Ambiguous command %s matches [%s]", e.Word, strings.Join(e.Matches, ", "))
}

// UnknownCommandError is a word that is neither a command nor an alias.
type UnknownCommandError struct{ Word string }

// Error is Kamal's text.
func (e *UnknownCommandError) Error() string {
	return fmt.Sprintf("Could not find command %q.", e.Word)
}

// FindCommand gives the command that a word means: the command of that name, or
// the only one that begins with it; "" when there is none. Dashes and underscores
// are the same.
func FindCommand(word string, commands []string) (string, error) {
	name := strings.ReplaceAll(word, "-", "_")
	var matches []string
	for _, c := range commands {
		switch {
		case strings.ReplaceAll(c, "-", "_") == name:
			return c, nil
		case strings.HasPrefix(strings.ReplaceAll(c, "-", "_"), name):
			matches = append(matches, c)
		}
	}
	switch len(matches) {
	case 0:
		return "", nil
	case 1:
		return matches[0], nil
	}
	return "", &AmbiguousError{Word: word, Matches: matches}
}

// Alias gives the command line of an alias; ok is false when there is none of
// that name.
type Alias func(name string) (line string, ok bool, err error)

// Expand gives the words of the command that is finally run: the first word is a
// command, the beginning of one, or an alias, whose words are cut as by a shell
// and followed by the words typed after it. An alias may name another; the words
// that it adds itself are then lost, as with Kamal. look is asked only for words
// that are no command. Words that begin with a flag stay as they are: an alias must
// be the first word.
func Expand(words, commands []string, look Alias) ([]string, error) {
	if len(words) == 0 || strings.HasPrefix(words[0], "-") {
		return words, nil
	}
	typed := words[1:]
	seen := map[string]bool{}
	for {
		command, err := FindCommand(words[0], commands)
		if err != nil {
			return nil, err
		}
		if command != "" {
			return append([]string{command}, words[1:]...), nil
		}
		text, ok, err := look(words[0])
		switch {
		case err != nil:
			return nil, err
		case !ok || seen[words[0]]:
			return nil, &UnknownCommandError{Word: words[0]}
		}
		seen[words[0]] = true
		next, err := SplitWords(text)
		if err != nil {
			return nil, fmt.Errorf("alias %s: %w", words[0], err)
		}
		if len(next) == 0 {
			return nil, &UnknownCommandError{Word: words[0]}
		}
		words = append(next, typed...)
	}
}
