package config

func extensionSpec() []spec {
	return []spec{
		{key: "base_destination", want: wantText, def: "production", doc: "Name of the base file on the command line."},
		{key: "known_hosts", want: wantText, doc: "File of host keys in the project, for machines without their own."},
		{key: "onepassword", want: wantFields, doc: "1Password.", of: []spec{
			{key: "account", want: wantText, doc: "Account that the op program signs in to."}}},
		{key: "gate", want: wantFields, of: gateSpec(), doc: "What may be shipped: a clean tree that is in sync with its upstream."},
		{key: "migrate", want: wantOff, of: migrateSpec(), doc: "Migration before the swap, on one host; false for none."},
		{key: "quiet", want: wantOff, of: quietSpec(), doc: "Workers stop fetching jobs while the release is swapped; false for none."},
		{key: "assets", want: wantOff, of: assetsSpec(), doc: "Copy hashed assets out of the image into a bucket; false for none."},
		{key: "sourcemaps", want: wantOff, of: sourcemapsSpec(), doc: "Upload of source maps, started in the new web container; false for none."},
		{key: "edge", want: wantOff, of: edgeSpec(), doc: "Cloudflare; false for none."},
		{key: "push", want: wantText, def: "auto", enum: []string{"auto", "here", "builder"}, doc: "Who pushes the image."},
		{key: "insecure_registry", want: wantBool, doc: "The registry speaks plain HTTP, and the engines know it (insecure-registries)."},
		{key: "builder_image", want: wantText, doc: "BuildKit image for the builder."},
	}
}

func gateSpec() []spec {
	return []spec{
		{key: "branch", want: wantText, def: "master", doc: "Branch that --in-worktree ships."},
		{key: "worktree", want: wantText, def: "~/.heatwave-deploy", doc: "Where --in-worktree checks it out."},
		{key: "link", want: wantTexts, doc: "Files linked into the worktree, since git does not hold them."},
	}
}

func migrateSpec() []spec {
	return []spec{
		{key: "role", want: wantText, doc: "Role whose primary host migrates; default sidekiq if there is one, else the primary role."},
		{key: "cmd", want: wantText, def: "bin/rails db:migrate", doc: "Command, run in a container of the new image."},
		{key: "first_deploy", want: wantText, def: "after-boot", enum: []string{"after-boot", "before-boot"}, doc: "When to migrate on the first deploy."},
		{key: "backward_compatible", want: wantBool, def: true, doc: "false: once the migration ran, a failed deploy does not return to the old version by itself."},
	}
}

func quietSpec() []spec {
	return []spec{
		{key: "roles", want: wantTexts, checked: true, doc: "Roles of the workers."},
		{key: "signal", want: wantText, def: "TSTP", doc: "Signal that stops the fetching."},
		{key: "max", want: wantSpan, def: "15m", doc: "How long a worker stays quiet if nobody ends it."},
	}
}

func assetsSpec() []spec {
	return []spec{
		{key: "paths", want: wantTexts, checked: true, doc: "Directories inside the image."},
		{key: "exclude", want: wantTexts, doc: "Globs of files that stay out."},
		{key: "bucket", want: wantText, checked: true, doc: "Bucket."},
		{key: "endpoint", want: wantText, checked: true, doc: "URL of the S3 service."},
		{key: "prefix", want: wantText, doc: "Prefix of the keys."},
		{key: "access_key", want: wantSecret, checked: true, doc: "Name of the secret with the access key."},
		{key: "secret_key", want: wantSecret, checked: true, doc: "Name of the secret with the secret key."},
		{key: "on_failure", want: wantText, def: "abort", enum: []string{"abort", "warn"}, doc: "What a failed copy does to the deploy."},
		{key: "when", want: wantText, def: "before-swap", enum: []string{"before-swap", "after-swap"}, doc: "When to copy."},
	}
}

func sourcemapsSpec() []spec {
	return []spec{
		{key: "cmd", want: wantText, checked: true, doc: "Command, started in the background."},
		{key: "env", want: wantTextMap, doc: "Variables of the command."},
		{key: "secrets", want: wantSecrets, doc: "Names of secrets given to it as variables."},
	}
}

func edgeSpec() []spec {
	return []spec{
		{key: "token", want: wantSecret, checked: true, doc: "Name of the secret with the API token."},
		{key: "zone", want: wantText, checked: true, doc: "Id of the zone."},
		{key: "purge", want: wantText, def: "none", enum: []string{"none", "everything"}, doc: "What a deploy purges."},
		{key: "purge_queue", want: wantText, def: "tmp/cloudflare_purge_urls.txt", doc: "File of URLs to purge."},
		{key: "worker", want: wantOff, doc: "Edge worker, deployed with -e.", of: []spec{
			{key: "config", want: wantText, checked: true, doc: "The worker's wrangler.toml."}}},
		{key: "redirects", want: wantOff, doc: "Bulk redirects, uploaded with -r.", of: []spec{
			{key: "account", want: wantText, checked: true, doc: "Id of the account."},
			{key: "list", want: wantText, checked: true, doc: "Name of the list."},
			{key: "files", want: wantOneOrMore, checked: true, doc: "Glob of CSV files, or several."}}},
	}
}
