package kamal

// RenameLine moves a role's container to another version's name.
func (r Role) RenameLine(from, to string) string {
	return "docker rename " + r.Container(from) + " " + r.Container(to)
}

// EnvDirLine makes the folder of the roles' env files.
func (a App) EnvDirLine() string { return "mkdir -p " + a.AppDir() + "/env/roles" }

// AssetExtractLine copies a version's assets out of its image; path is inside
// the image, without mount options.
func (r Role) AssetExtractLine(version, path, image string) string {
	to, name := r.App.AssetExtracted(r.Name, version), r.Assets()
	return "mkdir -p " + to + " && docker container rm " + name + " 2> /dev/null || true && docker container create --name " + name + " " + image +
		" && docker container cp -L " + name + ":" + path + "/. " + to + " && docker container rm " + name
}

// AssetSyncLine fills the version's volume, bridged both ways with the version
// that serves (old, "" = none).
func (r Role) AssetSyncLine(version, old string) string {
	from, to := r.App.AssetExtracted(r.Name, version), r.App.AssetVolume(r.Name, version)
	line := "mkdir -p " + to + " ; cp -rnT " + from + " " + to
	if old != "" {
		line += " ; cp -rnT " + from + " " + r.App.AssetVolume(r.Name, old) + " || true" +
			" ; cp -rnT " + r.App.AssetExtracted(r.Name, old) + " " + to + " || true"
	}
	return line
}

// AssetCleanLine removes the assets of other versions.
func (r Role) AssetCleanLine(version string) string {
	keep := r.Name + "-" + version
	find := func(dir string) string {
		return "find " + r.App.AppDir() + "/assets/" + dir + " -maxdepth 1 -name '" + r.Name + "-*' ! -name " + keep + ` -exec rm -rf "{}" +`
	}
	return find("extracted") + " ; " + find("volumes")
}

// ErrorPagesCleanLine removes the error pages of other versions, but those of
// versions that something still needs.
func (a App) ErrorPagesCleanLine(version string, needed ...string) string {
	keep := " ! -name " + version
	for _, v := range needed {
		keep += " ! -name " + v
	}
	return "find " + a.ProxyAppDir() + "/error_pages -mindepth 1 -maxdepth 1" + keep + " -exec rm -rf {} +"
}
