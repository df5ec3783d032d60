package kamal

import "strconv"

// The files by which `proxy boot_config` sets up the proxy of a host, from
// before proxy/run. A file that would hold its default is removed instead.
const (
	BootConfigDirLine = "mkdir -p .kamal/proxy"
	BootConfigDir     = ".kamal/proxy"
)

// BootConfig is what `proxy boot_config set` is told.
type BootConfig struct {
	Publish             bool
	HTTPPort, HTTPSPort int
	BindIPs             []string
	LogMaxSize          string
	DockerOptions       []string // "key=value"
	Registry            string
	Repository          string // the owner part only
	ImageVersion        string
	MetricsPort         int // 0 = none
	Debug               bool
}

// DefaultBootConfig is what hosts without files have.
func DefaultBootConfig() BootConfig {
	return BootConfig{Publish: true, HTTPPort: 80, HTTPSPort: 443, LogMaxSize: "10m", ImageVersion: MinimumProxy}
}

// BootConfigFile is one of the four files; Text has no newline at its end.
type BootConfigFile struct {
	Name    string
	Text    string
	Default bool // the text is the default: the file is to be removed
}

// Files gives the four files in Kamal's order.
func (c BootConfig) Files() []BootConfigFile {
	d := DefaultBootConfig()
	file := func(name, text, other string) BootConfigFile {
		return BootConfigFile{Name: BootConfigDir + "/" + name, Text: text, Default: text == other}
	}
	return []BootConfigFile{
		file("options", c.options(), d.options()),
		file("image", c.image(), d.image()),
		file("image_version", c.ImageVersion, d.ImageVersion),
		file("run_command", c.runCommand(), d.runCommand()),
	}
}

func (c BootConfig) options() string {
	words := ProxyRunSpec{Publish: c.Publish, HTTPPort: c.HTTPPort, HTTPSPort: c.HTTPSPort, BindIPs: c.BindIPs}.publish()
	if c.LogMaxSize != "" {
		words = append(words, "--log-opt", "max-size="+c.LogMaxSize)
	}
	if c.MetricsPort != 0 {
		words = append(words, "--expose="+strconv.Itoa(c.MetricsPort))
	}
	for _, o := range c.DockerOptions {
		words = append(words, "--"+o)
	}
	return line(words)
}

func (c BootConfig) image() string {
	image := "kamal-proxy"
	if c.Repository == "" {
		image = "basecamp/" + image
	} else {
		image = c.Repository + "/" + image
	}
	if c.Registry != "" {
		image = c.Registry + "/" + image
	}
	return image
}

func (c BootConfig) runCommand() string {
	if !c.Debug && c.MetricsPort == 0 {
		return ""
	}
	words := []string{"kamal-proxy", "run"}
	if c.Debug {
		words = append(words, "--debug")
	}
	if c.MetricsPort != 0 {
		words = append(words, "--metrics-port", Quote(strconv.Itoa(c.MetricsPort)))
	}
	return line(words)
}

// BootConfigGetLine shows what the proxy would be run with.
func BootConfigGetLine() string {
	return `echo $(cat .kamal/proxy/options 2> /dev/null || echo "--publish 80:80 --publish 443:443 --log-opt max-size=10m")` +
		` $(cat .kamal/proxy/image 2> /dev/null || echo "basecamp/kamal-proxy"):$(cat .kamal/proxy/image_version 2> /dev/null || echo "` + MinimumProxy + `")` +
		` $(cat .kamal/proxy/run_command 2> /dev/null || echo "")`
}

// ProxyImageFromFiles is, for the host's shell, the image that the older files
// name, with their defaults.
const ProxyImageFromFiles = `$(cat .kamal/proxy/image 2> /dev/null || echo "basecamp/kamal-proxy"):$(cat .kamal/proxy/image_version 2> /dev/null || echo "` + MinimumProxy + `")`
