package kamal

// DetailsLine shows the running container.
func (a Accessory) DetailsLine() string { return "docker ps --filter label=service=" + a.Service }

// RemoveDirLine removes uploaded files and data.
func (a Accessory) RemoveDirLine() string { return "rm -rf " + a.Service }

// RemoveEnvLine removes the env file, which Kamal leaves, and the app's folders
// when nothing else is in them.
func (a Accessory) RemoveEnvLine() string {
	app := a.App.AppDir()
	return "{ rm -f " + a.App.AccessoryEnvPath(a.Name) + "; rmdir " + app + "/env/accessories " + app + "/env " + app + " 2>/dev/null; true; }"
}

// DirLines make a folder of the host with mode and owner, each "" = as it comes.
func (a Accessory) DirLines(local, mode, owner string) []string {
	dir := a.DirPath(local)
	return append([]string{"mkdir -p " + dir}, permissions(dir, mode, owner)...)
}

func permissions(path, mode, owner string) []string {
	var lines []string
	if mode != "" {
		lines = append(lines, "chmod "+mode+" "+path)
	}
	if owner != "" {
		lines = append(lines, "chown "+owner+" "+path)
	}
	return lines
}

// ExecReuseLine runs a command in the container; tty is "-it", "-i" or "".
func (a Accessory) ExecReuseLine(tty, cmd string) string {
	return ExecReuseLine(a.Service, tty, cmd, nil)
}

// ProxyRemoveLine takes the accessory off the proxy.
func (a Accessory) ProxyRemoveLine() string { return ProxyLine("remove", a.Service, nil) }

// LogsLine shows the accessory's log. The doubled blanks are Kamal's.
func (a Accessory) LogsLine(s ContainerLogs) string {
	if s.Follow {
		return s.grep("docker logs "+a.Service+s.timestamps()+s.window(" ")+" --follow 2>&1", `"`)
	}
	return s.grep("docker logs "+a.Service+s.window("  ")+s.timestamps()+" 2>&1", "'")
}
