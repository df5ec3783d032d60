package erb

// call evaluates a method call.
func (r *runner) call(n *call) (any, error) {
	if n.recv == nil {
		return r.function(n)
	}
	if c, ok := n.recv.(*constant); ok {
		if _, own := r.consts.values[c.path]; !own {
			return r.module(n, c.path)
		}
	}
	recv, err := r.eval(n.recv)
	if err != nil {
		return nil, err
	}
	if n.safe && recv == nil {
		return nil, nil
	}
	if len(n.labels) > 0 {
		return nil, r.errorAt(n, "named arguments are not supported here")
	}
	return r.methodOf(n, recv)
}

// methodOf calls a method of a value: with a block first, then what all values
// have, then what its class has.
func (r *runner) methodOf(n *call, recv any) (any, error) {
	if n.block != nil || n.toProc != nil {
		return r.withBlock(n, recv)
	}
	if s, ok := recv.(string); ok && n.name == "[]" {
		return r.slice(n, s)
	}
	if list, ok := recv.([]any); ok && n.name == "[]" {
		return r.element(n, list)
	}
	args, err := r.each(n.args)
	if err != nil {
		return nil, err
	}
	if len(args) == 1 && isOperator(n.name) {
		return r.binary(n, n.name, recv, args[0])
	}
	if v, ok, err := r.common(n, recv, args); ok || err != nil {
		return v, err
	}
	var v any
	var ok bool
	switch recv := recv.(type) {
	case string:
		v, ok, err = r.stringMethod(n, recv, args)
	case []any:
		v, ok, err = r.listMethod(n, recv, args)
	case symbol:
		v, ok = symbolMethod(n.name, recv, args)
	case int64:
		v, ok = intMethod(n.name, recv, args)
	case float64:
		v, ok = floatMethod(n.name, recv, args)
	case nil:
		v, ok = nilMethod(n.name, args)
	}
	if ok || err != nil {
		return v, err
	}
	return nil, r.unknownMethod(n, recv)
}

func (r *runner) unknownMethod(n *call, recv any) error {
	if recv == nil {
		e := r.raise(n, "method "+n.name+" called on nil")
		e.Rewrite = "give a default, as in ENV.fetch(\"X\", \"\"), or use &."
		return e
	}
	return r.refuse(n, "method "+n.name+" of "+kindName(recv)+" is not supported", methodAdvice(n.name))
}

// common are the methods of every value.
func (r *runner) common(n *call, recv any, args []any) (any, bool, error) {
	if len(args) > 0 {
		return nil, false, nil
	}
	switch n.name {
	case "to_s":
		s, err := r.toS(recv)
		return s, true, err
	case "inspect":
		s, err := r.inspect(recv)
		return s, true, err
	case "nil?":
		return recv == nil, true, nil
	case "blank?":
		return blank(recv), true, nil
	case "present?":
		return !blank(recv), true, nil
	case "presence":
		if blank(recv) {
			return nil, true, nil
		}
		return recv, true, nil
	case "freeze", "dup", "itself":
		return recv, true, nil
	}
	return nil, false, nil
}

// function is a call without receiver: a variable of another tag, or one of the
// few functions.
func (r *runner) function(n *call) (any, error) {
	if len(n.args) == 0 && !n.parens && n.block == nil {
		v, ok := r.vars[n.name]
		if err := r.use(n.name); err != nil || ok || exists(r.declared, n.name, n.from) {
			return v, err
		}
	}
	switch n.name {
	case "require":
		return r.require(n)
	case "raise", "abort":
		return nil, r.stop(n)
	case "Integer", "String", "Float", "Array":
		return nil, r.refuse(n, n.name+"() is not supported", "use .to_i or .to_s")
	}
	if len(n.args) == 0 && !n.parens && n.block == nil {
		return nil, r.refuse(n, "unknown variable or method", nameAdvice(n.name))
	}
	return nil, r.refuse(n, "method "+n.name+" is not supported", nameAdvice(n.name))
}

// stop ends the template with the message it gives.
func (r *runner) stop(n *call) error {
	args, err := r.each(n.args)
	if err != nil {
		return err
	}
	msg := "stopped by the template"
	if len(args) > 0 {
		if s, ok := args[len(args)-1].(string); ok {
			msg = s
		}
	}
	return r.raise(n, msg)
}

func (r *runner) require(n *call) (any, error) {
	args, err := r.each(n.args)
	if err != nil {
		return nil, err
	}
	if len(args) == 1 {
		switch args[0] {
		case "dotenv":
			return true, nil
		case "dotenv/load":
			return true, r.loadDotenv(n, []string{".env"}, false)
		}
	}
	return nil, r.refuse(n, "only dotenv can be required", "remove it and what needs it")
}

// binary evaluates an operator on two values.
func (r *runner) binary(n node, op string, a, b any) (any, error) {
	if op == "==" || op == "===" {
		same, err := r.equal(a, b)
		return same, err
	}
	var v any
	var ok bool
	var err error
	switch a := a.(type) {
	case int64:
		v, ok, err = r.intOperator(n, op, a, b)
	case float64:
		v, ok = floatOperator(op, a, b)
	case string:
		v, ok, err = r.stringOperator(op, a, b)
	case []any:
		v, ok, err = r.listOperator(op, a, b)
	case nil:
		if op != "&" && op != "|" {
			return nil, r.raise(n, "operator "+op+" used on nil")
		}
	}
	if ok || err != nil {
		return v, err
	}
	if s, isString := a.(string); isString && op == "+" {
		_, also := b.(string)
		if !also {
			return nil, r.raise(n, "can't add "+kindName(b)+" to the string "+quote(s)+"; add .to_s")
		}
	}
	return nil, r.errorAt(n, "operator "+op+" is not supported on "+kindName(a)+" and "+kindName(b))
}

func isOperator(name string) bool {
	switch name {
	case "==", "===", "<=>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^", "=~", "!~":
		return true
	}
	return false
}
