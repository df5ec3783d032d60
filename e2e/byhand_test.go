package e2e

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// byHand runs on a host the lines that Kamal 2.12 would run there, word for word,
// for the project of twoHosts with its destination: it stands for the other tool.
type byHand struct {
	w    *world
	host string
	role string
}

func (w *world) byHand(host, role string) byHand { return byHand{w, host, role} }

// kamalWords are Kamal's lines; the names in them are those of line.
var kamalWords = map[string]string{
	"NET":      "docker network create kamal",
	"LOGIN":    `docker login SERVER -u "USER" -p "PASSWORD"`,
	"RMI":      "docker image rm --force IMG",
	"PULL":     "docker pull IMG",
	"VALID":    `docker inspect -f '{{ .Config.Labels.service }}' IMG | grep -x shop || (echo "Image IMG is missing the 'service' label" && exit 1)`,
	"TAG":      "docker tag IMG LIMG",
	"LK":       `mkdir .kamal/lock-shop-lab && echo "DETAILS" > .kamal/lock-shop-lab/details`,
	"UNLK":     "rm .kamal/lock-shop-lab/details && rm -r .kamal/lock-shop-lab",
	"LKST":     "stat .kamal/lock-shop-lab > /dev/null && cat .kamal/lock-shop-lab/details | base64 -d",
	"PXDIR":    "mkdir -p .kamal/proxy/apps-config",
	"PXSTART":  "docker container start kamal-proxy",
	"PXRUN":    `echo $(cat .kamal/proxy/options 2> /dev/null || echo "--publish 80:80 --publish 443:443 --log-opt max-size=10m") $(cat .kamal/proxy/image 2> /dev/null || echo "basecamp/kamal-proxy"):$(cat .kamal/proxy/image_version 2> /dev/null || echo "v0.9.2") $(cat .kamal/proxy/run_command 2> /dev/null || echo "") | xargs docker run --name kamal-proxy --network kamal --detach --restart unless-stopped --volume kamal-proxy-config:/home/kamal-proxy/.config/kamal-proxy --volume $PWD/.kamal/proxy/apps-config:/home/kamal-proxy/.apps-config`,
	"PXVER":    `docker inspect kamal-proxy --format '{{.Config.Image}}' | awk -F: '{print $NF}'`,
	"FIND":     "docker container ls --all --filter 'name=^PFX-VERSION$' --quiet",
	"CURID":    `sh -c 'docker ps --latest --quiet FILT --filter status=running --filter status=restarting --filter ancestor=$(docker image ls --filter reference=LIMG --format '\''{{.ID}}'\'') ; docker ps --latest --quiet FILT --filter status=running --filter status=restarting' | head -1`,
	"CURVER":   `sh -c 'docker ps --latest --format '\''{{.Names}}'\'' FILT --filter status=running --filter status=restarting --filter ancestor=$(docker image ls --filter reference=LIMG --format '\''{{.ID}}'\'') ; docker ps --latest --format '\''{{.Names}}'\'' FILT --filter status=running --filter status=restarting' | head -1 | while read line; do echo ${line#PFX-}; done`,
	"VERS":     `docker ps FILT --format "{{.Names}}" | while read line; do echo ${line#PFX-}; done`,
	"STATUS":   `docker container ls --all --filter 'name=^PFX-VERSION$' --quiet | xargs docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}'`,
	"STOP":     "docker container ls --all --filter 'name=^PFX-VERSION$' --quiet | xargs docker stop",
	"RENAME":   "docker rename PFX-VERSION PFX-VERSION_replaced_0123456789abcdef",
	"ENVDIR":   "mkdir -p .kamal/apps/shop-lab/env/roles",
	"ENVUP":    "(umask 077; cp /tmp/env .kamal/apps/shop-lab/env/roles/ROLE.env)",
	"RUN":      `docker run --detach --restart unless-stopped --name PFX-VERSION --network kamal --hostname HOST-0123456789ab --env KAMAL_CONTAINER_NAME="PFX-VERSION" --env KAMAL_VERSION="VERSION" --env KAMAL_HOST="HOST" --env KAMAL_DESTINATION="lab" --env DB_URL="DATABASE" --env-file .kamal/apps/shop-lab/env/roles/ROLE.env --log-opt max-size="10m" --label service="shop" --label role="ROLE" --label destination="lab" IMG CMD`,
	"PXDEPLOY": `docker exec kamal-proxy kamal-proxy deploy PFX --target="TARGET:80" --deploy-timeout="30s" --drain-timeout="10s" --health-check-interval="1s" --health-check-timeout="2s" --health-check-path="/up" --buffer-requests --buffer-responses --log-request-header="Cache-Control" --log-request-header="Last-Modified" --log-request-header="User-Agent"`,
	"STOPCUR":  `sh -c 'docker ps --latest --quiet FILT --filter status=running --filter status=restarting --filter ancestor=$(docker image ls --filter reference=LIMG --format '\''{{.ID}}'\'') ; docker ps --latest --quiet FILT --filter status=running --filter status=restarting' | head -1 | xargs docker stop`,
	"RMALL":    "docker container prune --force FILT",
	"RMIMAGES": "docker image prune --all --force --filter label=service=shop",
	"RMDIRS":   "rm -r .kamal/apps/shop-lab; rm -r .kamal/proxy/apps-config/shop-lab",
	"ARUN":     `docker run --name shop-cache --detach --restart unless-stopped --network kamal --log-opt max-size="10m" --publish 127.0.0.1:6380:80 --env KAMAL_HOST="HOST" --env MODE="fast" --env-file .kamal/apps/shop-lab/env/accessories/cache.env --volume cache-store:/store --volume $PWD/shop-cache/etc/cache.conf:/etc/cache.conf --volume $PWD/shop-cache/data:/data --label service="shop-cache" --label kind="cache" SERVER/demo/tool:1.0`,
	"PXREMOVE": "docker exec kamal-proxy kamal-proxy remove PFX",
	"PRC":      "docker ps -q -a --filter label=service=shop --filter status=created --filter status=exited --filter status=dead | tail -n +KEEP | while read container_id; do docker rm $container_id; done",
	"PRD":      "docker image prune --force --filter label=service=shop",
	"PRT":      `docker image ls --filter label=service=shop --format '{{.ID}} {{.Repository}}:{{.Tag}}' | grep -v -w "$(docker container ls -a --format '{{.Image}}\|' --filter label=service=shop | tr -d '\n')LIMG\|REPO:<none>" | while read image tag; do docker rmi $tag; done`,
}

// line is one of Kamal's lines for a version, with this project's names.
func (k byHand) line(name, version string, more ...string) string {
	repo := theLab.Registry.Addr + "/demo/shop"
	cmd := ""
	if k.role == "sidekiq" {
		cmd = "bundle exec sidekiq"
	}
	details := base64.StdEncoding.EncodeToString([]byte("Locked by: Other Tool at 2026-01-31T10:00:00Z\nVersion: " + version + "\nMessage: Automatic deploy lock"))
	pairs := append(more,
		"SERVER", theLab.Registry.Addr, "USER", theLab.Registry.Username, "PASSWORD", theLab.Registry.Password,
		"LIMG", repo+":latest-lab", "IMG", repo+":"+version, "REPO", repo, "VERSION", version, "PFX", "shop-"+k.role+"-lab",
		"FILT", "--filter label=service=shop --filter label=destination=lab --filter label=role="+k.role,
		"KAMAL_HOST", "KAMAL_HOST", "KAMAL_VERSION", "KAMAL_VERSION", "hostname HOST", "hostname "+k.host, "HOST", k.host,
		"ROLE", k.role, "DATABASE", theLab.DB.URL, "DETAILS", details, "CMD", cmd)
	return strings.NewReplacer(pairs...).Replace(kamalWords[name])
}

// do runs a line and gives what it printed; it may fail only where Kamal
// tolerates that.
func (k byHand) do(name, version string, more ...string) string {
	k.w.Helper()
	line := k.line(name, version, more...)
	switch name {
	case "NET", "RMI", "STOP", "RMDIRS":
		line = "{ " + line + "; } 2>/dev/null || true"
	}
	return k.w.on(k.host, line)
}

func (k byHand) audit(message string) {
	k.w.Helper()
	k.w.on(k.host, fmt.Sprintf(`mkdir -p .kamal && echo "[2026-01-31T10:00:00Z] [other@example.test] [lab] %s" >> .kamal/shop-lab-audit.log`, message))
}

// boot is what Kamal does on a host for one role, from the clash check on.
func (k byHand) boot(version string) {
	k.w.Helper()
	if k.do("FIND", version) != "" {
		k.do("RENAME", version)
	}
	old := k.do("CURVER", version)
	k.audit("[" + k.role + "] Booted app version " + version)
	k.do("ENVDIR", version)
	k.w.on(k.host, "echo > /tmp/env")
	k.do("ENVUP", version)
	k.do("RUN", version)
	if k.role == "web" {
		k.do("PXDEPLOY", version, "TARGET", k.do("FIND", version))
	}
	if old != "" {
		k.do("STOP", old)
	}
}

// deployByHand is what Kamal's deploy --skip-push does, on every host in turn: those
// of hands, the first of which holds the lock.
func deployByHand(version string, hands ...byHand) {
	first := hands[0]
	first.w.Helper()
	seen := map[string]bool{}
	once := func(f func(byHand)) {
		clear(seen)
		for _, k := range hands {
			if !seen[k.host] {
				f(k)
			}
			seen[k.host] = true
		}
	}
	once(func(k byHand) {
		k.do("LOGIN", version)
		k.audit("Pulled image with version " + version)
		k.do("RMI", version)
		k.do("PULL", version)
		k.do("VALID", version)
	})
	first.do("LK", version)
	for _, k := range hands {
		k.do("NET", version)
		if k.role == "web" {
			k.do("PXDIR", version)
			k.w.on(k.host, k.line("PXSTART", version)+" 2>/dev/null || "+k.line("PXRUN", version))
			k.w.on(k.host, "until docker exec kamal-proxy kamal-proxy list >/dev/null 2>&1; do sleep 0.1; done")
		}
	}
	for _, k := range hands {
		k.boot(version)
	}
	once(func(k byHand) {
		k.audit("Tagging the latest image")
		k.do("TAG", version)
		k.pruneByHand(version, 5)
	})
	first.do("UNLK", version)
}

func (k byHand) pruneByHand(version string, retain int) {
	k.w.Helper()
	k.audit("Pruned containers")
	k.do("PRC", version, "KEEP", fmt.Sprint(retain+1))
	k.audit("Pruned images")
	k.do("PRD", version)
	k.do("PRT", version)
}
