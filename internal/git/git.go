// Package git asks the git program about a checkout: its revision, whether it
// equals what is pushed, who works in it; and makes the two copies that deploys
// are made from: the clone that is the build context, and a throw-away worktree.
//
// Laws:
//   - questions write nothing, not even the index; only Fetch, Clone and Worktree
//     write, and none of them touches the tree it was asked from;
//   - git never asks at the terminal: what it can't do by itself is an error;
//   - nothing of an outer git (a hook's GIT_DIR, GIT_INDEX_FILE …) gets in.
//
// Sources: https://git-scm.com/docs/git-status#_porcelain_format_version_1,
// https://git-scm.com/docs/git-worktree; the clone follows
// https://github.com/basecamp/kamal/blob/main/lib/kamal/commands/builder/clone.rb.
package git

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Repo is a checkout, seen from one folder in it.
type Repo struct {
	runner run.Runner
	dir    string
	env    []string
}

// New makes a Repo for the checkout that dir, an absolute path, is in. environ
// is this program's environment as KEY=value. Nothing is run yet.
func New(runner run.Runner, dir string, environ []string) *Repo {
	return &Repo{runner: runner, dir: dir, env: environment(environ)}
}

// foreign are the variables by which an outer git tells an inner one which
// repository it is in, as `git rev-parse --local-env-vars` lists them; those
// that carry configuration stay.
var foreign = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_COMMON_DIR", "GIT_PREFIX", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_NO_REPLACE_OBJECTS",
	"GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH", "GIT_CONFIG",
}

// environment removes what is foreign and adds what keeps git quiet: words in
// English, no optional writes, no questions. ssh would open the terminal by
// itself; told to use a program to ask, and given one that refuses, it fails.
func environment(environ []string) []string {
	own := []string{"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0"}
	env := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		k, _, _ := strings.Cut(kv, "=")
		return slices.Contains(foreign, k) || slices.ContainsFunc(own, func(o string) bool { return strings.HasPrefix(o, k+"=") })
	})
	if !has(env, "SSH_ASKPASS_REQUIRE") {
		own = append(own, "SSH_ASKPASS_REQUIRE=force")
		if !has(env, "SSH_ASKPASS") {
			own = append(own, "SSH_ASKPASS=false")
		}
	}
	return append(env, own...)
}

func has(env []string, key string) bool {
	return slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, key+"=") })
}

// ErrNoGit is a machine without the git program.
var ErrNoGit = errors.New("the git program is not installed")

// NotRepoError is a folder that is in no checkout.
type NotRepoError struct{ Dir string }

func (e *NotRepoError) Error() string { return "no git repository found in " + e.Dir }

// OwnerError is a repository of another user's, as in many CI containers: git
// reads none that it is not told to trust.
type OwnerError struct{ Path string }

func (e *OwnerError) Error() string { return "the repository " + e.Path + " belongs to another user" }

// Hints say what to try.
func (e *OwnerError) Hints() []string {
	return []string{"git config --global --add safe.directory " + run.Quote(e.Path)}
}

// read runs a git command that changes nothing and gives its trimmed output.
func (r *Repo) read(ctx context.Context, args ...string) (string, error) {
	return r.git(ctx, r.dir, args...)
}

// git runs a git command in a folder. Its output is not trimmed at the front:
// the first column of a status may be blank.
func (r *Repo) git(ctx context.Context, dir string, args ...string) (string, error) {
	res, err := r.runner.Run(ctx, run.Cmd{
		Line: run.QuoteAll(append([]string{"git"}, args...)...), Name: "git " + verb(args),
		Dir: dir, Env: r.env,
	})
	if code(err) == 127 {
		return "", ErrNoGit
	}
	var exit *run.ExitError
	if errors.As(err, &exit) {
		exit.Stderr = fatal(exit.Stderr)
	}
	return strings.TrimRight(res.Stdout, "\n"), err
}

// fatal is what git gives up for, with the line before it, in which ssh tells
// why; the advice that git writes below is left out.
func fatal(stderr string) string {
	before := ""
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "fatal: ") {
			return strings.TrimSpace(before + " " + line)
		}
		before = line
	}
	return stderr
}

// verb is the first word that is no option, for errors.
func verb(args []string) string {
	for i, a := range args {
		if !strings.HasPrefix(a, "-") && (i == 0 || args[i-1] != "-C") {
			return a
		}
	}
	return ""
}

// code is the exit status of a command that ran and failed, else 0.
func code(err error) int {
	var exit *run.ExitError
	if errors.As(err, &exit) {
		return exit.Code
	}
	return 0
}

// said tells whether git failed with these words. Status 128 stands for all
// that is fatal, from no repository to one that belongs to another user; the
// words are git's own, in the language that environment asks for.
func said(err error, words string) bool {
	var exit *run.ExitError
	return errors.As(err, &exit) && exit.Code == 128 && strings.Contains(exit.Stderr, words)
}
