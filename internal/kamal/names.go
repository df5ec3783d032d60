package kamal

import "strings"

// App is a service and its destination ("" = none): what names and folders are
// made of. Paths are relative to the login folder.
type App struct{ Service, Destination string }

// Full is the service with its destination: "shop" or "shop-stage".
func (a App) Full() string { return join(a.Service, a.Destination) }

// AppDir holds env files and assets.
func (a App) AppDir() string { return ".kamal/apps/" + a.Full() }

// ProxyAppDir holds what the proxy reads: error pages and certificates.
func (a App) ProxyAppDir() string { return ".kamal/proxy/apps-config/" + a.Full() }

// LockDir exists while the deploy lock is held.
func (a App) LockDir() string { return ".kamal/lock-" + a.Full() }

// AuditLog is the audit log's path.
func (a App) AuditLog() string { return ".kamal/" + a.Full() + "-audit.log" }

// GuardDir is hwdeploy's own folder: guard, journal, marks.
func (a App) GuardDir() string { return ".kamal/hwdeploy/" + a.Full() }

// EnvPath is a role's secret env file.
func (a App) EnvPath(role string) string { return a.AppDir() + "/env/roles/" + role + ".env" }

// AccessoryEnvPath is an accessory's secret env file.
func (a App) AccessoryEnvPath(name string) string {
	return a.AppDir() + "/env/accessories/" + name + ".env"
}

// AssetExtracted is where a version's assets are taken out to.
func (a App) AssetExtracted(role, version string) string {
	return a.AppDir() + "/assets/extracted/" + role + "-" + version
}

// AssetVolume is what a version's container mounts.
func (a App) AssetVolume(role, version string) string {
	return a.AppDir() + "/assets/volumes/" + role + "-" + version
}

// ErrorPages is the folder of a version's error pages.
func (a App) ErrorPages(version string) string {
	return a.ProxyAppDir() + "/error_pages/" + version
}

// TLSDir is the folder of a role's own certificate.
func (a App) TLSDir(role string) string { return a.ProxyAppDir() + "/tls/" + role }

// LatestTag is the tag that names the last version that booted well.
func (a App) LatestTag() string { return join("latest", a.Destination) }

// Role names what belongs to a role.
func (a App) Role(name string) Role { return Role{App: a, Name: name} }

// Role is one role of an app.
type Role struct {
	App  App
	Name string
}

// Prefix begins the role's container names; it is also its proxy service.
func (r Role) Prefix() string { return join(r.App.Service+"-"+r.Name, r.App.Destination) }

// Container is the name of a version's container.
func (r Role) Container(version string) string { return r.Prefix() + "-" + version }

// Exec is the name of a one-off container; hex6 is random.
func (r Role) Exec(version, hex6 string) string {
	return r.Prefix() + "-exec-" + version + "-" + hex6
}

// Assets is the name of the container that assets are copied out of.
func (r Role) Assets() string { return r.Prefix() + "-assets" }

// Version is what stands behind the prefix in a container's name.
func (r Role) Version(container string) string {
	return strings.TrimPrefix(container, r.Prefix()+"-")
}

// Replaced is the version under which a container of the same version is moved
// out of the way; hex16 is random.
func Replaced(version, hex16 string) string { return version + "_replaced_" + hex16 }

// Original is the version that a container was made of: its own, or the one that
// it had before it was moved out of the way. Assets and error pages keep that name.
func Original(version string) string {
	version, _, _ = strings.Cut(version, "_replaced_")
	return version
}

// Hostname is a container's host name: at most 51 characters of the host's, a
// trailing dot dropped, and 12 random hex digits.
func Hostname(host, hex12 string) string {
	runes := []rune(host)
	if len(runes) > 51 {
		runes = runes[:51]
	}
	return strings.TrimSuffix(string(runes), ".") + "-" + hex12
}

func join(name, destination string) string {
	if destination == "" {
		return name
	}
	return name + "-" + destination
}
