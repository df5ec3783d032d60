package config

func accessorySpec() []spec {
	return append(placementSpec(),
		spec{key: "service", want: wantText, doc: "Name of the container; default SERVICE-NAME."},
		spec{key: "image", want: wantText, doc: "Image with its tag. The root's registry is not put in front."},
		spec{key: "registry", want: wantSection, of: registrySpec(), doc: "Own registry of this image."},
		spec{key: "cmd", want: wantText, doc: "Command of the container. Not quoted: the host's shell reads it."},
		spec{key: "port", want: wantText, doc: "Published port: PORT, or what docker run --publish takes. Quote pairs such as \"53:53\"."},
		spec{key: "labels", want: wantTextMap, doc: "More labels."},
		spec{key: "options", want: wantAnyMap, doc: "More options of docker run."},
		spec{key: "env", want: wantEnv, of: envSpec(false), doc: "Environment; nothing comes from the root's env."},
		spec{key: "files", want: wantPaths, of: pathSpec("755"), doc: "Files copied to the host and mounted: local:remote[:options]. Names ending in erb are rendered."},
		spec{key: "directories", want: wantPaths, of: pathSpec(""), doc: "Directories made on the host and mounted: local:remote[:options]."},
		spec{key: "volumes", want: wantTexts, doc: "Volumes, as docker run --volume takes them."},
		spec{key: "network", want: wantText, def: "kamal", doc: "Docker network."},
		spec{key: "proxy", want: wantProxy, of: proxySpec(), doc: "A map: behind the proxy. Nothing comes from the root's proxy."},
	)
}

// placementKeys are the keys of which an accessory needs exactly one.
func placementKeys() []string { return keysOf(placementSpec()) }

func placementSpec() []spec {
	return []spec{
		{key: "host", want: wantText, doc: "Host of the accessory."},
		{key: "hosts", want: wantHosts, doc: "Hosts of the accessory."},
		{key: "role", want: wantText, doc: "Role whose hosts run it."},
		{key: "roles", want: wantTexts, doc: "Roles whose hosts run it."},
		{key: "tag", want: wantText, doc: "Tag of the hosts that run it; only roles written as plain lists count."},
		{key: "tags", want: wantTexts, doc: "Tags of the hosts that run it."},
	}
}

func pathSpec(mode string) []spec {
	specs := []spec{
		{key: "local", want: wantText, doc: "Path here, or for a directory on the host."},
		{key: "remote", want: wantText, doc: "Path in the container."},
		{key: "mode", want: wantText, doc: "Mode, quoted: \"0640\"."},
		{key: "owner", want: wantText, doc: "Owner as chown takes it, quoted: \"999:999\"."},
		{key: "options", want: wantText, doc: "Mount options, such as ro."},
	}
	if mode != "" {
		specs[2].def = mode
	}
	return specs
}
