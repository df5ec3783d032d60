package erb

// node is an expression or a statement. from and to are offsets in the template;
// seg0 and seg1 the first and last segment it touches.
type node interface{ span() *extent }

type extent struct{ from, to, seg0, seg1 int }

func (e *extent) span() *extent { return e }

type (
	// literal is a constant value.
	literal struct {
		extent
		value any
	}
	// interpolated is a string, symbol or command with parts.
	interpolated struct {
		extent
		kind  tokenKind
		parts []node
	}
	// array is [a, b].
	array struct {
		extent
		items []node
	}
	// variable is a local variable.
	variable struct {
		extent
		name string
	}
	// constant is a name such as File or Kamal::Utils.
	constant struct {
		extent
		path string
	}
	// call is a method call, an operator or an index; recv is nil for a call
	// without receiver.
	call struct {
		extent
		recv   node
		name   string
		args   []node
		labels []labelled
		block  *block
		toProc node // &:name
		safe   bool // &.
		parens bool
	}
	labelled struct {
		name  string
		value node
	}
	block struct {
		params []string
		body   []node
		locals []string // variables that end with each turn
	}
	// logic is and, or, not.
	logic struct {
		extent
		op   string
		l, r node
	}
	// rangeNode is from..to or from...to.
	rangeNode struct {
		extent
		first, last node
		open        bool // the end is not part of it
	}
	// branch is if, unless and the ternary.
	branch struct {
		extent
		cond      node
		yes, no   []node
		inverting bool
	}
	// assign sets a variable, a constant or an index; op is "=", "||=" or "+=".
	assign struct {
		extent
		target node
		op     string
		value  node
	}
	// group is a run of statements with the value of the last.
	group struct {
		extent
		body []node
	}
	// outputTag is a literal text or a <%= tag.
	outputTag struct {
		extent
		seg  int
		body []node // nil for text
	}
	// broken stands for a tag in a comment that could not be read.
	broken struct {
		extent
		err *Error
	}
)
