// Package erb renders the ERB templates that real deploy configurations are,
// without Ruby: an interpreter of the few constructs they use.
//
// Laws:
//   - A construct that is supported gives the bytes that Ruby would give.
//   - Anything else is refused at file:line:col, with the expression and what to
//     write instead. Nothing is guessed.
//   - In a YAML comment a refused tag is dropped, since its text changes nothing;
//     supported tags run there as anywhere, for their side effects.
//   - Time, memory and output are bounded, whatever the template.
//   - The package reaches the outside only through Env.
//
// Sources: https://github.com/ruby/erb (tags and trim mode "-"), the Ruby core
// documentation at https://docs.ruby-lang.org/en/3.4/ (methods).
package erb

import "github.com/warmlyyours/hwdeploy/config/internal/psych"

// Limits of one Render. Exceeding one is an *Error.
const (
	maxInput  = 1 << 20   // bytes of template
	maxOutput = 1 << 20   // bytes of result, and of any one string
	maxWork   = 64 << 20  // bytes of all strings made on the way
	maxSteps  = 1_000_000 // nodes evaluated and elements looked at
	maxLoops  = 100_000   // turns of all loops together
	maxDepth  = 200       // nesting of the source
)

// Env is what a template may reach. A nil function refuses the constructs that
// need it.
type Env struct {
	// YAML says that the result is YAML, so that a tag in a comment may be
	// dropped when it is not supported.
	YAML bool
	// Get looks a variable up; false means unset.
	Get func(name string) (string, bool)
	// Set and Unset change the environment that Get and Shell see.
	Set   func(name, value string)
	Unset func(name string)
	// Shell runs a line with `sh -c` and gives its standard output. The exit
	// status is no error; err means that nothing could be run.
	Shell func(line string) (stdout string, err error)
	// ReadFile reads a file, relative to the working directory.
	ReadFile func(path string) ([]byte, error)
	// Dotenv loads dotenv files into the environment, missing ones ignored.
	Dotenv func(files []string, overwrite bool) error
	// DockerArch gives the architecture of the local Docker server.
	DockerArch func() (string, error)
	// Consts keeps the constants that a template sets for the next one; nil
	// forgets them.
	Consts *Consts
}

// Consts holds constants between templates. The zero value is ready.
type Consts struct{ values map[string]any }

// Result is a rendered template.
type Result struct {
	Text []byte
	// Map gives the place in the template of a place in Text; both count lines
	// and columns (in characters) from 1. Text that a tag inserted maps to the
	// start of the tag.
	Map func(line, col int) psych.Pos
	// Warnings are things that Ruby would stop at and that were passed over.
	Warnings []Warning
}

// Warning is a remark about a place in the template.
type Warning struct {
	Pos psych.Pos
	Msg string
}

// Render runs the template text; file names it in positions. The error is an
// *Error, or Errors when several tags were refused.
func Render(file string, text []byte, env Env) (Result, error) {
	src := newSource(file, string(text))
	if len(text) > maxInput {
		return Result{}, src.errorAt(0, 0, "template larger than 1 MiB")
	}
	segs, err := scan(src)
	if err != nil {
		return Result{}, err
	}
	markComments(src, segs, env.YAML)
	program, declared, err := parseTemplate(src, segs)
	if err != nil {
		return Result{}, err
	}
	r := newRunner(src, segs, declared, env)
	if err := r.run(program); err != nil {
		return Result{}, err
	}
	return r.result(), nil
}
