package config

import (
	"strings"
	"testing"
)

// rejection: text is put after the base lines and servers (unless it has its own);
// want is Kamal's text; at is what stands at the place of the mistake.
type rejection struct{ text, want, at string }

func TestRejectionsOfShape(t *testing.T) {
	check(t, []rejection{
		{"colour: red", "unknown key: colour", "colour: red"},
		{"colour: red\nsize: big", "unknown keys: colour, size", "colour: red"},
		{"boot: {x-note: hi}", "boot: unknown key: x-note", "x-note: hi"},
		{"service: {a: b}", "service: should be a string", "{a: b"},
		{"labels: [a]", "labels: should be a hash", "[a]"},
		{"labels: {bad: [1]}", "labels/bad: should be a string", "[1]"},
		{"volumes: a", "volumes: should be an array", "a"},
		{"volumes: [[a]]", "volumes/0: should be a string", "[a]"},
		{"asset_path:", "asset_path: should be a string", "asset_path:"},
		{"require_destination: maybe", "require_destination: should be a boolean", "maybe"},
		{`retain_containers: "3"`, "retain_containers: should be an integer", `"3"`},
		{"drain_timeout: 1.5", "drain_timeout: should be an integer", "1.5"},
		{"env:", "env: should be a hash", "env:"},
		{"servers: web", "servers: should be an array or a hash", "web"},
		{"servers: {web: 5}", "servers/web: should be an array or a hash", "web: 5"},
		{"proxy: false", "proxy: should be a hash", "false"},
		{"proxy:", "proxy: should be a hash", "proxy:"},
		{"hooks_output: [a]", "hooks_output: should be a string or a symbol", "[a]"},
		{"hooks_output: {pre-build: [a]}", "hooks_output/pre-build: should be a string or a symbol", "[a]"},
		{"boot: {wait: 1m}", "boot/wait: should be an integer", "1m"},
		{"sshkit: {dns_retries: a}", "sshkit/dns_retries: should be an integer", "a"},
		{"logging: {options: [a]}", "logging/options: should be a hash", "[a]"},
		{"ssh: {config: 7}", "ssh/config: should be a boolean or a string or an array", "7"},
		{"ssh: {config: [[a]]}", "ssh/config/0: should be a string", "[a]"},
		{"ssh: {keys: a}", "ssh/keys: should be an array", "a"},
		{"aliases: {x: [a]}", "aliases/x: should be a string", "[a]"},
		{"builder: {arch: {a: b}}", "builder/arch: should be an array or a string", "{a: b"},
		{"builder: {arch: [amd64, [a]]}", "builder/arch: should be an array or a string", "[amd64"},
		{"builder: {arch: amd64, args: a}", "builder/args: should be a hash", "a}"},
		{`builder: {arch: amd64, sbom: "yes"}`, "builder/sbom: should be a boolean", `"yes"`},
		{"proxy: {ssl: a, host: b}", "proxy/ssl: should be a boolean or a hash", "a,"},
		{"proxy: {healthcheck: {port: 3}}", "proxy/healthcheck: unknown key: port", "port"},
		{"proxy: {hosts: a}", "proxy/hosts: should be an array", "a}"},
		{"proxy: {run: [a]}", "proxy/run: should be a hash", "[a]"},
		{"output: {file: a}", "output/file: should be a hash", "a}"},
	})
}

// The words that quiet a worker go to a shell in its container: Debian's kill knows
// no SIG, and a limit below a second would end the worker at once.
func TestRejectionsOfQuiet(t *testing.T) {
	check(t, []rejection{
		{"x-hwdeploy: {quiet: {roles: [web], max: 15ms}}", "x-hwdeploy/quiet/max: should be a duration of at least 1s, such as 15m or 90s", "15ms"},
		{"x-hwdeploy: {quiet: {roles: [web], max: soon}}", "x-hwdeploy/quiet/max: should be a duration of at least 1s, such as 15m or 90s", "soon"},
		{"x-hwdeploy: {quiet: {roles: [web], signal: stop now}}", "x-hwdeploy/quiet/signal: should be the name of a signal such as TSTP", "stop now"},
	})
	for in, want := range map[string]string{"SIGTSTP": "TSTP", "tstp": "TSTP", "USR1": "USR1"} {
		if got := mustLoad(t, "servers: [a]\nx-hwdeploy: {quiet: {roles: [web], signal: "+in+"}}\n").Extension.Quiet.Signal; got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestRejectionsOfServersAndEnv(t *testing.T) {
	check(t, []rejection{
		{"servers: [[a]]", "servers/0: should be a string or a hash", "[a]"},
		{"servers: {web: {hosts: a}}", "servers/web/hosts: should be an array", "a}"},
		{"servers: {web: {hosts: [{a: b, c: d}]}}", "servers/web/hosts/0: multiple hosts found", "{a: b"},
		{"servers: {web: {hosts: [{}]}}", "servers/web/hosts/0: multiple hosts found", "{}"},
		{"servers: {web: {hosts: [{a: {b: c}}]}}", "servers/web/hosts/0/a: should be a string or an array", "{b: c"},
		{"servers: {web: {hosts: [{a: [[b]]}]}}", "servers/web/hosts/0/a/0: should be a string", "[b]"},
		{"servers: {web: {hosts: [a], traefik: true}}", "servers/web: unknown key: traefik", "traefik"},
		{"servers: {web: {hosts: [a], labels: {role: x}}}", "servers/web/labels/role: invalid label. destination, role, and service are reserved labels", "role: x"},
		{"servers: {web: {hosts: [a], options: {restart: no}}}", `servers/web/options/restart: should be a string. Use "no" to disable restarts`, "no}"},
		{"servers: {web: {hosts: [a], options: {restart: never}}}", "servers/web/options/restart: should be no, always, unless-stopped, on-failure, or on-failure:N", "never"},
		{"servers: {web: {hosts: [a], options: {restart: 'on-failure:x'}}}", "servers/web/options/restart: should be no, always, unless-stopped, on-failure, or on-failure:N", "'on-failure:x'"},
		{"servers: {web: {hosts: [a], proxy: {ssl: true}}}", "servers/web/proxy: Must set a host to enable automatic SSL", "ssl"},
		{"servers: {web: {hosts: [a], env: {tags: {b: {c: d}}}}}", "servers/web/env: tags are only allowed in the root env", "tags"},
		{"servers: {}", "The primary_role web isn't defined", "servers"},
		{"servers: []", "No servers specified for the web primary_role", "[]"},
		{"servers: {web: [a], jobs: []}", "No servers specified for the jobs role. You can ignore this with allow_empty_roles: true", "jobs"},
		{"servers: {web: [], jobs: [a]}\nallow_empty_roles: true", "No servers specified for the web primary_role", "web"},
		{"primary_role: api", "The primary_role api isn't defined", "primary_role"},
		{"env: {A: b, clear: {C: d}}", "env: unknown key: A", "A: b"},
		{"env: {A: [b]}", "env/A: should be a string", "[b]"},
		{"env: {A: }", "env/A: should be a string", "A:"},
		{"env: {A: 2024-05-01}", "env/A: should be a string", "2024"},
		{"env: {clear: [a]}", "env/clear: should be a hash", "[a]"},
		{"env: {secret: {A: B}}", "env/secret: should be an array", "{A: B"},
		{"env: {secret: [[A]]}", "env/secret/0: should be a string", "[A]"},
		{"env: {tags: [a]}", "env/tags: should be a hash", "[a]"},
		{"env: {tags: {a: b}}", "env/tags/a: should be a hash", "b}"},
		{"env: {tags: {a: {tags: {b: {}}}}}", "env/tags/a: tags are only allowed in the root env", "tags: {b"},
	})
}

func TestRejectionsOfSections(t *testing.T) {
	check(t, []rejection{
		{"registry: {username: bob}", "registry/password: is required", "registry"},
		{"registry: {username: ' ', password: a}", "registry/username: is required", "' '"},
		{"registry: {username: bob, password: 12345678}", "registry/password: should be a string or an array with one string (for secret lookup)", "********"},
		{"registry: {username: bob, password: [A, B]}", "registry/password: should be a string or an array with one string (for secret lookup)", "[A, B]"},
		{"registry: {server: localhost}", "registry/username: is required", "registry"},
		{"registry: {server: 127.0.0.1:5000}", "registry/username: is required", "registry"},
		{"aliases: {Console: a}", "aliases/Console: Invalid alias name: 'Console'. Must only contain lowercase letters, alphanumeric, hyphens and underscores.", "Console"},
		{"aliases: {deploy: a}", "aliases/deploy: Alias 'deploy' conflicts with a built-in command.", "deploy"},
		{"builder: {cache: {type: s3}}", "builder: Invalid cache type: s3", "s3"},
		{"builder: {driver: docker}", "builder: Builder arch not set", "builder"},
		{"builder: {arch: [a, b], pack: {builder: x}}", "builder: buildpacks only support building for one arch", "[a, b]"},
		{"builder: {arch: amd64, local: false}", "builder: Cannot disable local builds, no remote is set", "false"},
		{"output: {file: {}}", "file path is required", "file"},
		{"output: {otel: {}}", "OTel endpoint is required", "otel"},
		{"require_destination: true", "You must specify a destination", "require_destination"},
		{"minimum_version: 2.13.0", "Current version is 2.12.0, minimum required is 2.13.0", "2.13.0"},
		{"minimum_version: two", "Malformed version number string two", "two"},
		{"retain_containers: 0", "Must retain at least 1 container", "0"},
		{"service: my shop", "Service name can only include alphanumeric characters, hyphens, and underscores", "my shop"},
		{"service: 5", "Service name can only include alphanumeric characters, hyphens, and underscores", "5"},
		{"service: ''", "Missing required configuration for service", "service"},
		{"image: ' '", "Missing required configuration for image", "image"},
		{"hooks_output: loud", "Invalid hooks_output 'loud', must be one of: quiet, verbose", "loud"},
		{"hooks_output: {pre-build: loud}", "Invalid hooks_output 'loud' for hook 'pre-build', must be one of: quiet, verbose", "loud"},
		{"registry: {server: 'localhost:5000'}\nbuilder: {arch: amd64, remote: 'tcp://b', local: false}", "Local registry with remote builder requires an SSH URL (e.g., ssh://user@host)", "'tcp://b'"},
	})
}

func TestRejectionsOfProxiesAndAccessories(t *testing.T) {
	check(t, []rejection{
		{"proxy: {ssl: true}", "proxy: Must set a host to enable automatic SSL", "ssl"},
		{"proxy: {host: a, hosts: [b]}", "proxy: Specify one of 'host' or 'hosts', not both", "hosts"},
		{"proxy: {host: a}\nservers: {web: {hosts: [h], proxy: {hosts: [b]}}}", "proxy: Specify one of 'host' or 'hosts', not both", "hosts: [b]"},
		{"proxy: {host: a, ssl: {certificate_pem: C}}", "proxy: Missing private_key_pem setting (required when certificate_pem is present)", "C}"},
		{"proxy: {host: a, ssl: {private_key_pem: K}}", "proxy: Missing certificate_pem setting (required when private_key_pem is present)", "K}"},
		{"proxy: {run: {publish: false, bind_ips: [127.0.0.1]}}", "proxy: Cannot set http_port, https_port or bind_ips when publish is false", "bind_ips"},
		{"proxy: {ssl: true, host: a}\nservers: [h, i]", "SSL is only supported on a single server unless you provide custom certificates, found 2 servers for role web", "ssl"},
		{"proxy: {ssl: true, host: a}\nservers: {web: [h], api: {hosts: [i], proxy: true}}", "Different roles can't share the same host for SSL: a", "ssl"},
		{"proxy: {run: {debug: true}}\nservers: {web: [h], api: {hosts: [h], proxy: {run: {http_port: 81}}}}", "Conflicting proxy run configurations for host h", "{debug"},
		{"accessories: {db: []}", "accessories/db: should be a hash", "[]"},
		{"accessories: {db: {image: x}}", "accessories/db: specify one of `host`, `hosts`, `role`, `roles`, `tag` or `tags`", "db"},
		{"accessories: {db: {host: a, role: web}}", "accessories/db: specify one of `host`, `hosts`, `role`, `roles`, `tag` or `tags`", "role: web"},
		{"accessories: {db: {role: r}}", "accessories/db: unknown role r", "r}"},
		{"accessories: {db: {roles: [web, a, b]}}", "accessories/db: unknown roles a, b", "a, b"},
		{"accessories: {db: {host: a, labels: {service: x}}}", "accessories/db/labels/service: invalid label. destination, role, and service are reserved labels", "service: x"},
		{"accessories: {db: {host: a, options: {restart: 5}}}", `accessories/db/options/restart: should be a string. Use "no" to disable restarts`, "5"},
		{"accessories: {db: {host: a, env: {tags: {}}}}", "accessories/db/env: tags are only allowed in the root env", "tags"},
		{"accessories: {db: {host: a, proxy: true}}", "accessories/db/proxy: should be a hash", "true"},
		{"accessories: {db: {host: a, proxy: {ssl: true}}}", "accessories/db/proxy: Must set a host to enable automatic SSL", "ssl"},
		{"accessories: {db: {host: a, registry: {username: u}}}", "accessories/db/registry/password: is required", "registry"},
		{"accessories: {db: {host: a, files: [[a]]}}", "accessories/db/files/0: should be a string or a hash", "[a]"},
		{"accessories: {db: {host: a, files: [{mode: [6]}]}}", "accessories/db/files/0/mode: should be a string", "[6]"},
		{"accessories: {db: {host: a, directories: a:b}}", "accessories/db/directories: should be an array", "a:b"},
		{"servers:", "servers: should be an array or a hash", "servers:"},
	})
}

// TestRejectionsWhereKamalCrashes: an own message, never a guess.
func TestRejectionsWhereKamalCrashes(t *testing.T) {
	check(t, []rejection{
		{"servers: {on: [a], web: [b]}", "servers/true: the name of a role must be text", "on:"},
		{"accessories: {1: {host: a}}", "accessories/1: the name of an accessory must be text", "1:"},
		{"aliases: {1: a}", "aliases/1: the name of an alias must be text", "1:"},
		{"accessories: {db: {tag: x}}", "accessories/db/tag: tags select hosts only when servers is a map of roles", "x}"},
		{"servers: {web: [{a: 5}]}\naccessories: {db: {tag: x}}", "accessories/db/tag: tag x can't be compared with 5 of host a", "x}"},
		{"registry: {server: 5000, username: a, password: b}", "registry/server: the server must be text", "5000"},
		{"hooks_output: {pre-build: true}", "hooks_output/pre-build: true is not a word", "true"},
		{"servers: {web: {hosts: [a], options: {x: {y: z}}}}", "servers/web/options/x: a list or map can't be passed as a value", "{y: z"},
		{"builder: {arch: amd64, args: {X: [y]}}", "builder/args/X: a list or map can't be passed as a value", "[y]"},
	})
}

func check(t *testing.T, cases []rejection) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.text, func(t *testing.T) {
			text := tt.text
			if !strings.Contains(text, "servers:") {
				text = "servers: [192.0.2.10]\n" + text
			}
			_, err := loadText(t, text+"\n")
			if err == nil {
				t.Fatalf("accepted; want %q", tt.want)
			}
			got := first(t, err)
			equal(t, "message", got.Message, tt.want)
			if got.Pos.Col < 1 || !strings.HasPrefix(got.Line[min(got.Pos.Col-1, len(got.Line)):], tt.at) {
				t.Errorf("place %s does not point to %q in %q", got.Pos, tt.at, got.Line)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	for text, want := range map[string]Kind{
		"colour: red":               ConfigurationError,
		"require_destination: true": ArgumentError,
		"output: {file: {}}":        ArgumentError,
		"minimum_version: two":      ArgumentError,
		"aliases: {1: a}":           OwnError,
		"env: <%= Rails.root %>":    TemplateError,
		"env: {":                    SyntaxError,
	} {
		_, err := loadText(t, "servers: [a]\n"+text+"\n")
		equal(t, text, first(t, err).Kind, want)
	}
}

func TestAllMistakesAtOnceInOrder(t *testing.T) {
	_, err := loadText(t, `proxy: {ssl: true}
servers: {web: {hosts: [a], cmd: [b]}}
colour: red
retain_containers: 0
registry: {}
`)
	var got []string
	for _, i := range err.(*Errors).Issues {
		got = append(got, i.Message)
	}
	equal(t, "messages", got, []string{
		"proxy: Must set a host to enable automatic SSL",
		"servers/web/cmd: should be a string",
		"unknown key: colour",
		"Must retain at least 1 container",
		"registry/username: is required",
		"registry/password: is required",
	})
	equal(t, "first", first(t, err).Message, "unknown key: colour")
}
