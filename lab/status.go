package lab

import "context"

// Status is a table of all containers of all labs, for people.
func Status(ctx context.Context) (string, error) {
	if !have("docker") {
		return "no lab is up\n", nil
	}
	return docker(ctx, "ps", "--all", "--filter", "label="+label, "--format", `table {{.Label "hwdeploy.lab"}}	{{.Names}}	{{.Status}}	{{.Image}}`)
}
