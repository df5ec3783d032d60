// Package psych resolves YAML text to values exactly as Ruby's Psych (libyaml,
// YAML 1.1) does, with the position of every value kept: booleans, base-60
// numbers, octal, floats and their text, merge keys by position, repeated keys
// last-wins. It builds on the node tree of gopkg.in/yaml.v3.
//
// Laws:
//   - A node is never changed after Parse; Merge and Symbolize make new ones.
//     Nodes reached through an alias are shared.
//   - Work and depth are bounded; a document that would expand without end is
//     an error, and no `!ruby/` tag makes an object.
//   - What Psych would crash on is an error with a position, never a guess.
//
// Sources: https://yaml.org/type/ (YAML 1.1 types), the scanner and visitors of
// https://github.com/ruby/psych, the emitter of https://github.com/yaml/libyaml.
package psych

// Kind is the kind of a resolved node.
type Kind int

// The kinds that Psych can make of a node.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	Symbol
	Time // date and time
	Date
	List
	Map
)

// Pos is a place in a configuration file. Line and Col count from 1 and refer
// to the file as written (before ERB); zero = unknown.
type Pos struct {
	File      string
	Line, Col int
}

// Node is one resolved value.
type Node struct {
	Kind Kind
	Pos  Pos
	// Str is the text of a String, Symbol (without the colon), Date or Time; of
	// an Int only when the number does not fit Int (which then holds the nearest
	// end of the range).
	Str   string
	Bool  bool
	Int   int64
	Float float64
	// Raw is the text as written; Plain tells that it was not quoted. Together
	// they let checks warn about `53:53`, `0755` or `2.10`.
	Raw   string
	Plain bool
	Items []*Node // List
	Pairs []Pair  // Map, in order
	// Repeated lists the keys of a Map whose value was lost because the same key
	// was written again further down.
	Repeated []*Node
	// Overlaid lists those whose value a merge key (`<<`) further down replaced.
	Overlaid []*Node
}

// Pair is one entry of a map. Keys are resolved like values: `on:` is a Bool.
type Pair struct {
	Key   *Node
	Value *Node
}
