package kamal

import (
	"strings"
	"time"
)

// HookInfo is what hooks are told.
type HookInfo struct {
	At                   time.Time
	Performer            string
	Service, Destination string
	Version              string
	Hosts                []string
	Roles                string // only with --roles
	Locked               bool
	Command, Subcommand  string
	Runtime              string // post-deploy: whole seconds
}

// HookNames are the hooks that there are, in the order of a set-up.
func HookNames() []string {
	return []string{"docker-setup", "pre-connect", "pre-build", "pre-deploy", "post-deploy",
		"pre-app-boot", "post-app-boot", "pre-proxy-reboot", "post-proxy-reboot"}
}

// HookEnv is the environment that a hook gets beside the inherited one.
func HookEnv(h HookInfo) []string {
	env := []string{
		"KAMAL_RECORDED_AT=" + stamp(h.At),
		"KAMAL_PERFORMER=" + h.Performer,
		"KAMAL_VERSION=" + h.Version,
		"KAMAL_SERVICE_VERSION=" + h.Service + "@" + ShortVersion(h.Version),
		"KAMAL_SERVICE=" + h.Service,
		"KAMAL_HOSTS=" + strings.Join(h.Hosts, ","),
		"KAMAL_COMMAND=" + h.Command,
	}
	if h.Locked {
		env = append(env, "KAMAL_LOCK=true")
	} else {
		env = append(env, "KAMAL_LOCK=false")
	}
	for _, o := range []EnvVar{{"KAMAL_DESTINATION", h.Destination}, {"KAMAL_SUBCOMMAND", h.Subcommand}, {"KAMAL_ROLES", h.Roles}, {"KAMAL_RUNTIME", h.Runtime}} {
		if o.Value != "" {
			env = append(env, o.Name+"="+o.Value)
		}
	}
	return env
}

// ShortVersion is the first 7 characters, or all of a version with "_".
func ShortVersion(version string) string {
	if strings.Contains(version, "_") || len(version) <= 7 {
		return version
	}
	return version[:7]
}

// HookGetsSecrets tells whether a hook sees every secret.
func HookGetsSecrets(name string) bool {
	return name == "pre-connect" || name == "pre-deploy" || name == "post-deploy"
}

// HookUnderLock tells whether a hook of a deploy runs under the lock.
func HookUnderLock(name string) bool {
	switch name {
	case "pre-deploy", "pre-app-boot", "post-app-boot", "pre-proxy-reboot", "post-proxy-reboot", "docker-setup":
		return true
	}
	return false
}
