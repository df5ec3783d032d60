package kamal

// RemoveAppDirLine removes the app's env files and assets.
func (a App) RemoveAppDirLine() string { return "rm -r " + a.AppDir() }

// RemoveProxyAppDirLine removes what the proxy reads of the app.
func (a App) RemoveProxyAppDirLine() string { return "rm -r " + a.ProxyAppDir() }

// ResumeLine ends maintenance.
func (r Role) ResumeLine() string { return ProxyLine("resume", r.Prefix(), nil) }

// MaintenanceLine answers requests with 503; drain is in seconds, message "" =
// the proxy's own.
func (r Role) MaintenanceLine(drain, message string) string {
	options := []Pair{{Key: "drain-timeout", Value: Text(drain + "s")}}
	if message != "" {
		options = append(options, Pair{Key: "message", Value: Text(message)})
	}
	return ProxyLine("stop", r.Prefix(), options)
}
