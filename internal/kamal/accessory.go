package kamal

// Accessory names one accessory's container, label, folder and proxy service:
// they are all its service name, in which there is no destination.
type Accessory struct {
	App     App
	Name    string
	Service string
}

// AccessorySpec is an accessory's container on a host.
type AccessorySpec struct {
	Accessory Accessory
	Host      string // as in the configuration
	Restart   string
	Network   string
	Log       LogSpec // the root's
	Publish   string  // raw; "" = nothing
	Env       []Pair  // clear variables
	Volumes   []string
	Labels    []Pair // after service
	Options   []Pair
	Image     string
	Cmd       string // raw
}

// RunLine is Kamal's docker run line.
func (s AccessorySpec) RunLine() string {
	return line([]string{"docker", "run", "--name", s.Accessory.Service, "--detach"}, s.args())
}

// CreateLine is the same line with docker create.
func (s AccessorySpec) CreateLine() string {
	return line([]string{"docker", "create", "--name", s.Accessory.Service}, s.args())
}

func (s AccessorySpec) args() []string {
	words := append([]string{"--restart", s.Restart, "--network", s.Network}, s.Log.Args()...)
	words = append(words, s.PublishArgs()...)
	words = append(words, "--env", `KAMAL_HOST="`+s.Host+`"`)
	words = append(words, s.EnvArgs()...)
	words = append(words, Repeat("--volume", s.Volumes)...)
	words = append(words, Argumentize("--label", s.AllLabels())...)
	words = append(words, Optionize(s.Options, " ")...)
	words = append(words, s.Image)
	if s.Cmd != "" {
		words = append(words, s.Cmd)
	}
	return words
}

// PublishArgs publish the port.
func (s AccessorySpec) PublishArgs() []string {
	if s.Publish == "" {
		return nil
	}
	return []string{"--publish", s.Publish}
}

// EnvArgs are the clear variables and the env file.
func (s AccessorySpec) EnvArgs() []string {
	return EnvArgs(s.Env, s.Accessory.App.AccessoryEnvPath(s.Accessory.Name))
}

// AllLabels are the labels in order.
func (s AccessorySpec) AllLabels() []Pair {
	labels := []Pair{{Key: "service", Value: Text(s.Accessory.Service)}}
	for _, l := range s.Labels {
		labels = setPair(labels, l)
	}
	return labels
}

// ExecLine runs a command in a new container of the accessory; tty is "-it", "-i"
// or "".
func (s AccessorySpec) ExecLine(tty, cmd string) string {
	words := []string{"docker", "run"}
	if tty != "" {
		words = append(words, tty)
	}
	words = append(words, "--rm", "--network", s.Network)
	words = append(words, s.EnvArgs()...)
	words = append(words, Repeat("--volume", s.Volumes)...)
	words = append(words, Optionize(s.Options, " ")...)
	return line(words, []string{s.Image, cmd})
}

// FilePath is where an uploaded file lies on the host: remote is its path in the
// container.
func (a Accessory) FilePath(remote string) string { return a.Service + remote }

// FileVolume mounts an uploaded file; options "" = none.
func (a Accessory) FileVolume(remote, options string) string {
	return mount("$PWD/"+a.FilePath(remote), remote, options)
}

// DirPath is a folder of the host: what is not absolute lies below the service's.
func (a Accessory) DirPath(local string) string {
	if len(local) > 0 && local[0] == '/' {
		return local
	}
	return "$PWD/" + a.Service + "/" + local
}

// DirVolume mounts a folder of the host.
func (a Accessory) DirVolume(local, remote, options string) string {
	return mount(a.DirPath(local), remote, options)
}

func mount(host, remote, options string) string {
	volume := host + ":" + remote
	if options != "" {
		volume += ":" + options
	}
	return volume
}
