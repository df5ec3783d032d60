package kamal

// LogSpec is what a container's log arguments are made of.
type LogSpec struct {
	Driver  string
	Options []Pair
}

// Args are the log arguments; without driver and options the size is limited.
func (l LogSpec) Args() []string {
	if l.Driver == "" && len(l.Options) == 0 {
		return []string{"--log-opt", `max-size="10m"`}
	}
	var out []string
	if l.Driver != "" {
		out = append(out, "--log-driver", Quote(l.Driver))
	}
	return append(out, Argumentize("--log-opt", l.Options)...)
}

// RunSpec is an app container.
type RunSpec struct {
	Role      Role
	Version   string
	Host      string // as in the configuration
	Hostname  string // see Hostname
	Restart   string
	Env       []Pair // clear variables
	Log       LogSpec
	Volumes   []string // raw
	AssetPath string   // "path[:options]"; "" = none
	Labels    []Pair   // after service, role and destination
	Options   []Pair
	Image     string // REPO:V
	Cmd       string // raw
}

// RunLine is Kamal's docker run line.
func (s RunSpec) RunLine() string { return line([]string{"docker", "run", "--detach"}, s.args()) }

// CreateLine is the same line with docker create: it makes the same container
// and leaves the start to the caller.
func (s RunSpec) CreateLine() string { return line([]string{"docker", "create"}, s.args()) }

func (s RunSpec) args() []string {
	app := s.Role.App
	words := []string{
		"--restart", s.Restart, "--name", s.Role.Container(s.Version), "--network", "kamal", "--hostname", s.Hostname,
		"--env", `KAMAL_CONTAINER_NAME="` + s.Role.Container(s.Version) + `"`,
		"--env", `KAMAL_VERSION="` + s.Version + `"`, "--env", `KAMAL_HOST="` + s.Host + `"`,
	}
	if app.Destination != "" {
		words = append(words, "--env", `KAMAL_DESTINATION="`+app.Destination+`"`)
	}
	words = append(words, EnvArgs(s.Env, app.EnvPath(s.Role.Name))...)
	words = append(words, s.Log.Args()...)
	words = append(words, Repeat("--volume", s.Volumes)...)
	words = append(words, s.AssetVolumeArgs()...)
	words = append(words, Argumentize("--label", s.AllLabels())...)
	words = append(words, Optionize(s.Options, " ")...)
	words = append(words, s.Image)
	if s.Cmd != "" {
		words = append(words, s.Cmd)
	}
	return words
}

// EnvArgs are the clear variables and the env file, which is always given.
func EnvArgs(clear []Pair, file string) []string {
	return append(Argumentize("--env", clear), "--env-file", file)
}

// AssetVolumeArgs mount the version's assets.
func (s RunSpec) AssetVolumeArgs() []string {
	if s.AssetPath == "" {
		return nil
	}
	return []string{"--volume", "$PWD/" + s.Role.App.AssetVolume(s.Role.Name, s.Version) + ":" + s.AssetPath}
}

// AllLabels are the labels in order; a repeated key keeps its first position
// with the last value.
func (s RunSpec) AllLabels() []Pair {
	labels := []Pair{
		{"service", Text(s.Role.App.Service)}, {"role", Text(s.Role.Name)}, {"destination", Text(s.Role.App.Destination)},
	}
	for _, l := range s.Labels {
		labels = setPair(labels, l)
	}
	return labels
}

func setPair(pairs []Pair, p Pair) []Pair {
	for i := range pairs {
		if pairs[i].Key == p.Key {
			pairs[i].Value = p.Value
			return pairs
		}
	}
	return append(pairs, p)
}

// ExecSpec is a one-off container of a role's image, as `app exec` makes it.
type ExecSpec struct {
	Mode    string // "--rm", "--detach"
	TTY     string // "-it", "-i" or ""
	Name    string
	Env     []Pair // the role's clear variables
	EnvFile string
	Extra   []Pair // -e
	Log     LogSpec
	Volumes []string
	Options []Pair
	Image   string
	Cmd     string
}

// Line is Kamal's docker run line.
func (s ExecSpec) Line() string {
	words := []string{"docker", "run"}
	for _, w := range []string{s.TTY, s.Mode} {
		if w != "" {
			words = append(words, w)
		}
	}
	words = append(words, "--name", s.Name, "--network", "kamal")
	words = append(words, EnvArgs(s.Env, s.EnvFile)...)
	words = append(words, Argumentize("--env", s.Extra)...)
	words = append(words, s.Log.Args()...)
	words = append(words, Repeat("--volume", s.Volumes)...)
	words = append(words, Optionize(s.Options, " ")...)
	return line(words, []string{s.Image, s.Cmd})
}
