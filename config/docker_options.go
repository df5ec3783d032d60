package config

import (
	"regexp"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

const defaultRestart = "unless-stopped"

var restartPolicy = regexp.MustCompile(`\A(?:no|always|unless-stopped|on-failure(?::\d+)?)\z`)

// optionsOf takes the restart policy out of the docker options.
func optionsOf(n Value) (options []Pair, restart string) {
	restart = defaultRestart
	found := false
	for _, p := range pairsOf(mapOf(n.Get("options"))) {
		if p.Key != "restart" {
			options = append(options, p)
			continue
		}
		if !found {
			restart, found = p.Value.Text(), true
		}
	}
	return options, restart
}

func (l *loader) checkRestart(path string, n Value) {
	path = under(path, "options/restart")
	for _, p := range entries(n.Get("options")) {
		if p.Key.KeyText() != "restart" {
			continue
		}
		switch {
		case p.Value.Kind != psych.String:
			l.say(place(p), path, `should be a string. Use "no" to disable restarts`)
		case !restartPolicy.MatchString(p.Value.Str):
			l.say(place(p), path, "should be no, always, unless-stopped, on-failure, or on-failure:N")
		}
		return
	}
}

// checkLabels refuses labels by which containers are found.
func (l *loader) checkLabels(path string, n Value) {
	for _, p := range entries(n.Get("labels")) {
		if p.Key.Kind == psych.String && reservedLabel(p.Key.Str) {
			l.say(p.Key.Pos, under(path, "labels/"+p.Key.Str), "invalid label. destination, role, and service are reserved labels")
		}
	}
}

func reservedLabel(name string) bool {
	return name == "service" || name == "role" || name == "destination"
}
