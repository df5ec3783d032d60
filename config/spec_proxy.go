package config

func proxySpec() []spec {
	return append(proxyKeys(),
		spec{key: "healthcheck", want: wantFields, doc: "How the proxy finds out that a container is healthy.", of: []spec{
			{key: "interval", want: wantInt, doc: "Seconds between two checks."},
			{key: "path", want: wantText, doc: "Path asked for; the proxy's own default is /up."},
			{key: "timeout", want: wantInt, doc: "Seconds given to one check."}}},
		spec{key: "buffering", want: wantFields, doc: "Buffering of requests and responses.", of: bufferingSpec()},
		spec{key: "logging", want: wantFields, doc: "Headers in the proxy's log.", of: []spec{
			{key: "request_headers", want: wantTexts, doc: "Request headers; default Cache-Control, Last-Modified, User-Agent."},
			{key: "response_headers", want: wantTexts, doc: "Response headers."}}},
		spec{key: "run", want: wantFields, doc: "How the proxy container itself is started. The same for all that share a host.", of: proxyRunSpec()},
	)
}

func proxyKeys() []spec {
	return []spec{
		{key: "host", want: wantText, doc: "Host name served, or several separated by commas (no blanks)."},
		{key: "hosts", want: wantHosts, doc: "Host names served; instead of host."},
		{key: "app_port", want: wantInt, def: 80, doc: "Port of the app in its container."},
		{key: "ssl", want: wantSSL, def: false, doc: "true: certificates from Let's Encrypt; a map: own certificates.", of: []spec{
			{key: "certificate_pem", want: wantText, doc: "Name of the secret with the certificate."},
			{key: "private_key_pem", want: wantText, doc: "Name of the secret with the private key."}}},
		{key: "ssl_redirect", want: wantBool, doc: "Send http to https."},
		{key: "forward_headers", want: wantBool, doc: "Pass X-Forwarded-* headers on."},
		{key: "response_timeout", want: wantInt, doc: "Seconds given to one request; the proxy's own default is 30."},
		{key: "path_prefix", want: wantText, doc: "Path served, or several separated by commas."},
		{key: "path_prefixes", want: wantTexts, doc: "Paths served."},
		{key: "strip_path_prefix", want: wantBool, doc: "Take the prefix off before the app sees the path."},
	}
}

func bufferingSpec() []spec {
	return []spec{
		{key: "requests", want: wantBool, def: true, doc: "Buffer requests."},
		{key: "responses", want: wantBool, def: true, doc: "Buffer responses."},
		{key: "max_request_body", want: wantInt, doc: "Bytes."},
		{key: "max_response_body", want: wantInt, doc: "Bytes."},
		{key: "memory", want: wantInt, doc: "Bytes kept in memory."},
	}
}

func proxyRunSpec() []spec {
	return []spec{
		{key: "http_port", want: wantInt, def: 80, doc: "Port on the host for http."},
		{key: "https_port", want: wantInt, def: 443, doc: "Port on the host for https."},
		{key: "metrics_port", want: wantInt, doc: "Port for metrics."},
		{key: "debug", want: wantBool, doc: "Log more."},
		{key: "log_max_size", want: wantText, def: "10m", doc: "Size at which the proxy's log is rotated."},
		{key: "publish", want: wantBool, def: true, doc: "false: the ports are not published on the host."},
		{key: "bind_ips", want: wantTexts, doc: "Addresses of the host to publish on."},
		{key: "registry", want: wantText, doc: "Registry of the proxy's image."},
		{key: "repository", want: wantText, def: "basecamp/kamal-proxy", doc: "Repository of the proxy's image."},
		{key: "version", want: wantText, def: "v0.9.2", doc: "Tag of the proxy's image."},
		{key: "options", want: wantAnyMap, doc: "More options of docker run."},
	}
}
