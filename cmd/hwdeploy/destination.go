package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// isDestination tells whether a word names a destination: a file of that name
// beside the configuration, or the base file's own name.
func (a *app) isDestination(args []string, name string) bool {
	file := a.configFile(args)
	if _, err := os.Stat(destinationFile(file, name)); err == nil {
		return true
	}
	return name == a.baseName(args)
}

func destinationFile(file, name string) string {
	return strings.TrimSuffix(file, filepath.Ext(file)) + "." + name + ".yml"
}

// configFile is the configuration file of a command line that is not parsed yet.
func (a *app) configFile(args []string) string {
	g, _ := early(args)
	file := g.configFile
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(a.dir, file)
}

// baseName is what the base file is called on the command line. It is read once:
// commands of its template may ask a person.
func (a *app) baseName(args []string) string {
	w := a.world()
	w.ConfigFile = a.configFile(args)
	if name := a.bases[w.ConfigFile]; name != "" {
		return name
	}
	name := "production"
	if raw, err := config.LoadRaw(context.Background(), w.options()); err == nil {
		name = cmp.Or(raw.Lookup("x-hwdeploy", "base_destination").Text(), name)
	}
	if a.bases == nil {
		a.bases = map[string]string{}
	}
	a.bases[w.ConfigFile] = name
	return name
}

// destinations lists what `hwdeploy <destination>` may be: nothing without a
// configuration.
func (a *app) destinations(args []string) []string {
	file := a.configFile(args)
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), stem+".*.yml"))
	if err != nil {
		files = nil
	}
	out := []string{a.baseName(args)}
	for _, f := range files {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), stem+"."), ".yml"))
	}
	sort.Strings(out)
	return out
}

// choice says in words what destinations there are.
func (a *app) choice(args []string) string {
	list := a.destinations(args)
	if len(list) == 0 {
		g, _ := early(args)
		return "there is no " + g.configFile + " here (hwdeploy init writes one)"
	}
	return "destinations: " + strings.Join(list, ", ")
}
