package config

const extensionKey = "x-hwdeploy"

func rootSpec() []spec {
	return append(rootKeys(), rootSections()...)
}

func rootKeys() []spec {
	return []spec{
		{key: "service", want: wantText, must: true, doc: "Name of the application: letters, digits, hyphens and underscores. Prefix of container names and paths on the hosts."},
		{key: "image", want: wantText, doc: "Repository of the image, without registry server and tag. Defaults to the service when the registry is local."},
		{key: "labels", want: wantTextMap, doc: "Labels added to every app container."},
		{key: "volumes", want: wantTexts, doc: "Volumes of every app container, as docker run --volume takes them. Not quoted: the host's shell expands $PWD and ~."},
		{key: "asset_path", want: wantText, doc: "Directory of assets inside the image, \"path[:mount options]\": files of the old and the new version are served side by side during a deploy."},
		{key: "hooks_path", want: wantText, def: ".kamal/hooks", doc: "Directory of the hooks."},
		{key: "hooks_output", want: wantHooksOutput, enum: []string{"quiet", "verbose"}, doc: "Whether the output of hooks is shown: one word for all, or a map of hook to word."},
		{key: "secrets_path", want: wantText, def: ".kamal/secrets", doc: "Base name of the secrets files."},
		{key: "error_pages_path", want: wantText, doc: "Directory of 4xx and 5xx pages that the proxy serves."},
		{key: "require_destination", want: wantBool, def: false, doc: "Refuse to run without a destination."},
		{key: "primary_role", want: wantText, def: "web", doc: "Role that owns the primary host, runs behind the proxy by default and boots first."},
		{key: "allow_empty_roles", want: wantBool, def: false, doc: "Roles other than the primary one may have no hosts."},
		{key: "retain_containers", want: wantInt, def: 5, doc: "Stopped containers that prune keeps on each host, at least 1."},
		{key: "minimum_version", want: wantText, doc: "Kamal version that the file needs; compared with " + CompatVersion + ". Quote it."},
		{key: "readiness_delay", want: wantInt, def: 7, doc: "Seconds to wait after a container without health check is running, before it is looked at again."},
		{key: "deploy_timeout", want: wantInt, def: 30, doc: "Seconds within which a new container must be healthy."},
		{key: "drain_timeout", want: wantInt, def: 30, doc: "Seconds given to open requests before the old container is stopped."},
		{key: "stop_timeout", want: wantInt, doc: "Seconds between the stop signal and the kill; roles may set their own."},
		{key: "run_directory", want: wantText, doc: "Accepted and ignored: the directory on the hosts is always .kamal."},
	}
}

func rootSections() []spec {
	return []spec{
		{key: "registry", want: wantSection, must: true, of: registrySpec(), doc: "Where images are pushed to and pulled from."},
		{key: "servers", want: wantServers, of: roleSpec(), doc: "Hosts: a list (the role web), or a map of role to list of hosts or to settings."},
		{key: "env", want: wantEnv, of: envSpec(true), doc: "Environment of the app containers: a map of clear variables, or clear, secret and tags."},
		{key: "builder", want: wantSection, must: true, of: builderSpec(), doc: "How the image is built."},
		{key: "accessories", want: wantEntries, of: accessorySpec(), doc: "Long-lived services beside the app, by name: databases, caches."},
		{key: "proxy", want: wantSection, of: proxySpec(), doc: "How kamal-proxy serves the app."},
		{key: "ssh", want: wantSection, of: sshSpec(), doc: "How the hosts are reached."},
		{key: "sshkit", want: wantSection, of: sshkitSpec(), doc: "Limits of the connections."},
		{key: "boot", want: wantSection, of: bootSpec(), doc: "How many hosts are booted at a time."},
		{key: "logging", want: wantSection, of: loggingSpec(), doc: "Logging of the containers."},
		{key: "output", want: wantSection, of: outputSpec(), doc: "Where the output of commands is kept."},
		{key: "aliases", want: wantAliases, doc: "Own commands: name and the command line it stands for."},
		{key: extensionKey, want: wantSection, of: extensionSpec(), doc: "What hwdeploy does around a deploy. Kamal ignores this key."},
	}
}

func sshkitSpec() []spec {
	return []spec{
		{key: "max_concurrent_starts", want: wantInt, def: 30, doc: "Connections opened at the same time."},
		{key: "pool_idle_timeout", want: wantInt, def: 900, doc: "Seconds after which an idle connection is closed."},
		{key: "dns_retries", want: wantInt, def: 3, doc: "More attempts after a host name could not be resolved."},
	}
}

func bootSpec() []spec {
	return []spec{
		{key: "limit", want: wantText, doc: "Hosts booted at a time: a number, or a percentage of all hosts such as 25%."},
		{key: "wait", want: wantInt, doc: "Seconds to wait after each group of hosts."},
		{key: "parallel_roles", want: wantBool, def: false, doc: "Boot the roles of one host at the same time."},
	}
}

func loggingSpec() []spec {
	return []spec{
		{key: "driver", want: wantText, doc: "Docker's log driver."},
		{key: "options", want: wantAnyMap, doc: "Options of the log driver. With neither driver nor options: max-size 10m."},
	}
}

func outputSpec() []spec {
	return []spec{
		{key: "otel", want: wantFields, doc: "Ship the output to an OpenTelemetry collector.", of: []spec{
			{key: "endpoint", want: wantText, must: true, doc: "URL of the collector (OTLP over HTTP)."}}},
		{key: "file", want: wantFields, doc: "Keep the output of each command in a file.", of: []spec{
			{key: "path", want: wantText, must: true, doc: "Directory of the files."}}},
	}
}
