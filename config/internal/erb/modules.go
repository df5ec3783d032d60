package erb

import (
	"path"
	"strings"
)

// module calls a method of a constant such as ENV or File.
func (r *runner) module(n *call, name string) (any, error) {
	switch {
	case name == "ENV":
		return r.envMethod(n)
	case name == "File" || name == "IO" && n.name == "read":
		return r.fileMethod(n)
	case name == "Dotenv":
		return r.dotenvMethod(n)
	case name == "Kamal::Utils" && n.name == "docker_arch" && len(n.args) == 0:
		return r.dockerArch(n)
	}
	return nil, r.refuse(n, name+"."+n.name+" is not supported", constantAdvice(name+"."+n.name))
}

// texts evaluates arguments that must be strings.
func (r *runner) texts(n *call) ([]string, error) {
	args, err := r.each(n.args)
	if err != nil {
		return nil, err
	}
	out, ok := allStrings(args)
	if !ok {
		return nil, r.raise(n, "the arguments must be strings")
	}
	return out, nil
}

func (r *runner) lookup(name string) (string, bool, error) {
	if r.env.Get == nil {
		return "", false, r.use(envName(name))
	}
	v, ok := r.env.Get(name)
	return v, ok, r.use(envName(name))
}

func (r *runner) envMethod(n *call) (any, error) {
	switch n.name {
	case "fetch":
		return r.envFetch(n)
	case "[]", "key?", "has_key?", "include?", "member?":
	default:
		return nil, r.refuse(n, "ENV."+n.name+" is not supported", `use ENV["X"] or ENV.fetch("X", "default")`)
	}
	names, err := r.texts(n)
	if err != nil {
		return nil, err
	}
	if len(names) != 1 || n.block != nil {
		return nil, r.raise(n, "one name of a variable is expected")
	}
	v, ok, err := r.lookup(names[0])
	if err != nil {
		return nil, err
	}
	if n.name != "[]" {
		return ok, nil
	}
	if !ok {
		return nil, nil
	}
	return v, nil
}

// envFetch gives the variable, else the block's value, else the default.
func (r *runner) envFetch(n *call) (any, error) {
	args, err := r.each(n.args)
	if err != nil {
		return nil, err
	}
	if len(args) < 1 || len(args) > 2 || len(n.labels) > 0 {
		return nil, r.raise(n, "ENV.fetch takes a name and perhaps a default")
	}
	name, ok := args[0].(string)
	if !ok {
		return nil, r.raise(n, "the name of a variable must be a string")
	}
	v, ok, err := r.lookup(name)
	switch {
	case err != nil:
		return nil, err
	case ok:
		return v, nil
	case n.block != nil:
		if len(n.block.params) > 1 {
			return nil, r.errorAt(n, "block with too many parameters")
		}
		return r.yield(n, name)
	case len(args) == 2:
		return args[1], nil
	}
	e := r.raise(n, "environment variable "+name+" is not set")
	e.Rewrite = `set it, or give a default: ENV.fetch("` + name + `", "…")`
	return nil, e
}

func (r *runner) fileMethod(n *call) (any, error) {
	args, err := r.texts(n)
	if err != nil {
		return nil, err
	}
	switch {
	case len(n.labels) > 0 || n.block != nil:
	case n.name == "read" && len(args) == 1:
		return r.readFile(n, args[0])
	case (n.name == "exist?" || n.name == "file?") && len(args) == 1 && r.env.ReadFile != nil:
		_, err := r.env.ReadFile(args[0])
		return err == nil, nil
	case n.name == "join" && len(args) > 0:
		return joinPath(args), r.room(len(strings.Join(args, "/")))
	case n.name == "basename" && len(args) == 1 && args[0] != "":
		return path.Base(args[0]), nil
	}
	return nil, r.refuse(n, "File."+n.name+" is not supported", constantAdvice("File."+n.name))
}

// joinPath puts exactly one slash between the parts.
func joinPath(parts []string) string {
	out := parts[0]
	for _, p := range parts[1:] {
		out = strings.TrimRight(out, "/") + "/" + strings.TrimLeft(p, "/")
	}
	return out
}

func (r *runner) readFile(n *call, name string) (any, error) {
	if r.env.ReadFile == nil {
		return nil, r.errorAt(n, "files can't be read here")
	}
	data, err := r.env.ReadFile(name)
	if err != nil {
		return nil, r.raise(n, "file can't be read: "+err.Error())
	}
	return string(data), r.room(len(data))
}

func (r *runner) dotenvMethod(n *call) (any, error) {
	overwrite := n.name == "overload" || n.name == "overwrite"
	if n.name != "load" && n.name != "load!" && !overwrite || n.block != nil {
		return nil, r.refuse(n, "Dotenv."+n.name+" is not supported", `use Dotenv.load(".env")`)
	}
	files, err := r.texts(n)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		files = []string{".env"}
	}
	for _, l := range n.labels {
		v, err := r.eval(l.value)
		if err != nil {
			return nil, err
		}
		switch l.name {
		case "overwrite":
			overwrite = truthy(v)
		case "ignore":
		default:
			return nil, r.errorAt(n, "option "+l.name+" of Dotenv."+n.name+" is not supported")
		}
	}
	for _, f := range files {
		if n.name != "load!" || r.env.ReadFile == nil {
			break
		}
		if _, err := r.env.ReadFile(f); err != nil {
			return nil, r.raise(n, "file can't be read: "+err.Error())
		}
	}
	return nil, r.loadDotenv(n, files, overwrite)
}

func (r *runner) loadDotenv(n *call, files []string, overwrite bool) error {
	if r.env.Dotenv == nil {
		return r.errorAt(n, "dotenv files can't be loaded here")
	}
	if err := r.env.Dotenv(files, overwrite); err != nil {
		return r.raise(n, "dotenv file can't be loaded: "+err.Error())
	}
	return nil
}

func (r *runner) dockerArch(n *call) (any, error) {
	if r.env.DockerArch == nil {
		return nil, r.errorAt(n, "the local Docker can't be asked here")
	}
	arch, err := r.env.DockerArch()
	if err != nil {
		return nil, r.raise(n, "the local Docker does not tell its architecture: "+err.Error())
	}
	return arch, nil
}
