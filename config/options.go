package config

import (
	"context"
	"path/filepath"
	"strings"
)

// DefaultFile is the configuration file when none is named.
const DefaultFile = "config/deploy.yml"

// CompatVersion is the Kamal version whose files and hosts this tool shares;
// minimum_version is compared with it.
const CompatVersion = "2.12.0"

// Options say what to load and give what the templates may reach. A nil function
// refuses the template constructs that need it.
type Options struct {
	Dir         string   // working directory: paths in the file are relative to it; "" = "."
	File        string   // default DefaultFile; relative to Dir
	Destination string   // empty = none
	Environ     []string // KEY=VALUE
	Version     string   // compared with minimum_version; default CompatVersion

	// Shell runs a line with `sh -c` in Dir and environ and gives its standard
	// output. The exit status is no error; err means that nothing could be run.
	Shell func(ctx context.Context, line string, environ []string) (stdout string, err error)
	// Dotenv parses the text of a dotenv file. lookup is the environment so far,
	// shell runs a line of the text; overwrite tells that entries of the file win
	// over the environment.
	Dotenv func(text string, overwrite bool, lookup func(name string) (string, bool), shell func(line string) (string, error)) ([]Variable, error)
	// DockerArch gives the architecture of the local Docker server as Kamal writes
	// it (amd64, arm64). nil asks `docker info` through Shell.
	DockerArch func(ctx context.Context) (string, error)
}

// Variable is one variable of a dotenv file.
type Variable struct{ Name, Value string }

// paths gives the absolute paths of the base file and, with a destination, of the
// file that is laid over it.
func (o Options) paths() (dir string, files []string, err error) {
	if dir, err = filepath.Abs(o.Dir); err != nil {
		return "", nil, err
	}
	file := o.File
	if file == "" {
		file = DefaultFile
	}
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		file = filepath.Join(newEnvironment(o.Environ).vars["HOME"], rest)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	files = []string{file}
	if o.Destination != "" {
		files = append(files, destinationFile(file, o.Destination))
	}
	return dir, files, nil
}

// destinationFile replaces the last extension, whatever it is, by .DEST.yml.
func destinationFile(path, destination string) string {
	ext := filepath.Ext(path)
	if ext == filepath.Base(path) { // ".deploy" has no extension
		ext = ""
	}
	return strings.TrimSuffix(path, ext) + "." + destination + ".yml"
}
