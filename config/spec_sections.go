package config

func registrySpec() []spec {
	return []spec{
		{key: "server", want: wantText, doc: "Server of the registry; none means Docker Hub. localhost:PORT is a registry that runs on this machine."},
		{key: "username", want: wantCredential, doc: "User name, or a list with the name of the secret that holds it."},
		{key: "password", want: wantCredential, doc: "Password, or a list with the name of the secret that holds it."},
	}
}

func roleSpec() []spec {
	return []spec{
		{key: "hosts", want: wantHosts, doc: "Hosts of the role, each with tags or without."},
		{key: "cmd", want: wantText, doc: "Command of the container. Not quoted: the host's shell reads it."},
		{key: "stop_timeout", want: wantInt, doc: "Seconds between the stop signal and the kill."},
		{key: "options", want: wantAnyMap, doc: "More options of docker run: name without dashes and value, true for none, a list for several."},
		{key: "logging", want: wantSection, of: loggingSpec(), doc: "Merged over the root's logging."},
		{key: "proxy", want: wantProxy, of: proxySpec(), doc: "true or a map: behind the proxy, the map merged over the root's; false: not."},
		{key: "labels", want: wantTextMap, doc: "More labels of the role's containers."},
		{key: "env", want: wantEnv, of: envSpec(false), doc: "Merged over the root's env."},
		{key: "asset_path", want: wantText, doc: "Replaces the root's asset_path."},
	}
}

func builderSpec() []spec {
	return []spec{
		{key: "arch", want: wantOneOrMore, must: true, doc: "Architectures of the image: amd64, arm64, or a list."},
		{key: "remote", want: wantText, doc: "Docker host that builds what can't be built here, ssh://user@host."},
		{key: "local", want: wantBool, def: true, doc: "false: everything is built by remote."},
		{key: "pack", want: wantFields, doc: "Build with Cloud Native Buildpacks.", of: []spec{
			{key: "builder", want: wantText, doc: "Builder image."},
			{key: "buildpacks", want: wantTexts, doc: "Buildpacks."}}},
		{key: "cache", want: wantFields, doc: "Cache of the build.", of: []spec{
			{key: "type", want: wantText, enum: []string{"gha", "registry"}, doc: "Kind of cache."},
			{key: "options", want: wantText, doc: "Options, separated by commas."},
			{key: "image", want: wantText, doc: "Repository of the cache; default the image with -build-cache."}}},
		{key: "context", want: wantText, def: ".", doc: "Build context. Setting it builds the working tree; without it a clone of HEAD is built."},
		{key: "dockerfile", want: wantText, def: "Dockerfile", doc: "Dockerfile."},
		{key: "target", want: wantText, doc: "Stage of the Dockerfile."},
		{key: "args", want: wantAnyMap, doc: "Build arguments."},
		{key: "secrets", want: wantTexts, doc: "Secrets that the build may mount."},
		{key: "ssh", want: wantText, doc: "SSH agent that the build may use, such as default."},
		{key: "driver", want: wantText, def: "docker-container", doc: "docker-container: a BuildKit container; docker: the engine's own."},
		{key: "provenance", want: wantText, doc: "Provenance attestation, such as mode=max or false."},
		{key: "sbom", want: wantBool, doc: "Attach a bill of materials."},
	}
}

func sshSpec() []spec {
	return []spec{
		{key: "user", want: wantText, def: "root", doc: "User on the hosts."},
		{key: "port", want: wantText, def: 22, doc: "Port of sshd."},
		{key: "proxy", want: wantText, doc: "Jump host, user@host; root without a user."},
		{key: "proxy_command", want: wantText, doc: "Command that opens the connection, with %h, %p and %r; used without proxy."},
		{key: "log_level", want: wantText, def: "fatal", doc: "Log level of the SSH library."},
		{key: "keys_only", want: wantBool, doc: "Use only the keys named here."},
		{key: "keys", want: wantTexts, doc: "Files of private keys."},
		{key: "key_data", want: wantTexts, doc: "Names of secrets that hold private keys."},
		{key: "config", want: wantSSHConfig, doc: "OpenSSH configuration: false for none, or the files to read."},
		{key: "forward_agent", want: wantBool, doc: "Forward the agent to the hosts."},
	}
}

func envSpec(tags bool) []spec {
	specs := []spec{
		{key: "clear", want: wantTextMap, doc: "Variables with their values."},
		{key: "secret", want: wantTexts, doc: "Names of secrets, or VARIABLE:SECRET."},
	}
	if tags {
		specs = append(specs, spec{key: "tags", want: wantAnyMap, doc: "More env for hosts that carry a tag, by tag."})
	}
	return specs
}
