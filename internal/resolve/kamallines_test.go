package resolve_test

import (
	"fmt"
	"path"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// The lines that Kamal sends and hwdeploy does not: it asks the engine's API, or
// the guard, for the same.

// sent is the text that reaches the host for a line: `/usr/bin/env ` stands in
// front unless the first word is one of a few.
func sent(line string) string {
	first, _, _ := strings.Cut(line, " ")
	switch first {
	case "docker", "if", "test", "time", "exec":
		return line
	}
	return "/usr/bin/env " + line
}

func kamalsHostLines(c *config.Config, app kamal.App) []string {
	service, repository := "label=service="+app.Service, c.Repository()
	login := strings.TrimSuffix("docker login "+c.Registry.Server, " ")
	return []string{
		"mkdir -p .kamal",
		"docker network create kamal",
		"docker info --format '{{index .RegistryConfig.Mirrors 0}}'",
		"docker inspect kamal-proxy --format '{{.Config.Image}}' | awk -F: '{print $NF}'",
		"ls .kamal/apps | wc -l",
		login + " -u [REDACTED] -p [REDACTED]",
		"rm " + app.LockDir() + "/details && rm -r " + app.LockDir(),
		"mkdir -p " + app.ProxyAppDir() + "/error_pages",
		"docker image prune --all --force --filter " + service,
		fmt.Sprintf("docker ps -q -a --filter %s --filter status=created --filter status=exited --filter status=dead"+
			" | tail -n +%d | while read container_id; do docker rm $container_id; done", service, c.RetainContainers+1),
		"docker image prune --force --filter " + service,
		"docker image ls --filter " + service + " --format '{{.ID}} {{.Repository}}:{{.Tag}}'" +
			` | grep -v -w "$(docker container ls -a --format '{{.Image}}\|' --filter ` + service + ` | tr -d '\n')` +
			repository + ":" + app.LatestTag() + `\|` + repository + `:<none>" | while read image tag; do docker rmi $tag; done`,
	}
}

func kamalsImageLines(app kamal.App, image, latest string) []string {
	return []string{
		"docker image rm --force " + image,
		"docker pull " + image,
		"docker inspect -f '{{ .Config.Labels.service }}' " + image + " | grep -x " + app.Service +
			` || (echo "Image ` + image + ` is missing the 'service' label" && exit 1)`,
		"docker tag " + image + " " + latest,
	}
}

func kamalsProxyBoot(run string) string { return kamal.ProxyStartLine + " || " + run }

// kamalsRoleLines are about the containers of a role; stop are the arguments of
// the stop timeout.
func kamalsRoleLines(r kamal.Role, version, latest, stop string) []string {
	find := "docker container ls --all --filter 'name=^" + r.Container(version) + "$' --quiet"
	versions := " | while read line; do echo ${line#" + r.Prefix() + "-}; done"
	stop = strings.TrimSuffix(" | xargs docker stop "+stop, " ")
	return []string{
		find,
		"docker ps " + r.App.Filters(r.Name) + ` --format "{{.Names}}"` + versions,
		strings.ReplaceAll(r.CurrentIDLine(latest), "--latest --quiet", `--latest --format '\''{{.Names}}'\''`) + versions,
		"docker start " + r.Container(version),
		find + stop,
		r.CurrentIDLine(latest) + stop,
		find + " | xargs docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}'",
		find + " | xargs docker inspect --format '{{json .State.Health}}'",
		find + " | xargs docker logs --timestamps 2>&1",
		"docker container prune --force " + r.App.Filters(r.Name),
		"mkdir -p " + r.App.TLSDir(r.Name),
	}
}

func kamalsAccessoryLines(a kamal.Accessory, image string) []string {
	return []string{
		"docker ps -a -q --filter label=service=" + a.Service,
		"docker container ls --filter 'name=^" + a.Service + "$' --quiet",
		"docker container start " + a.Service,
		"docker container stop " + a.Service,
		"docker container prune --force --filter label=service=" + a.Service,
		"docker image rm --force " + image,
		"mkdir -p " + a.App.AppDir() + "/env/accessories",
	}
}

func kamalsFileLines(file, mode, owner string) []string {
	return []string{"mkdir -p " + path.Dir(file), "chmod " + mode + " " + file, "chown " + owner + " " + file}
}
