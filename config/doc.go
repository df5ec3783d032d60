// Package config reads deploy.yml: the file of an existing Kamal 2.12 project and
// its destination file, with the `x-hwdeploy` section that only this tool reads.
//
// Load gives one typed Config with every default applied, or all mistakes at once,
// each with its place in the file as written (before ERB and merging).
//
// Laws:
//   - The same inputs are refused as by Kamal, and the message holds Kamal's own
//     text; Errors.First is the one that Kamal would have shown.
//   - What Kamal loses or accepts in silence although it does harm gives the same
//     result and a warning with its place.
//   - Where Kamal crashes there is a message; nothing is resolved by guessing.
//   - Loading reads files and runs what the templates ask for. It opens no
//     connection and knows the names of secrets, never their values.
//   - A Config is not changed after Load and may be read from many goroutines.
//
// One table (spec.go and the spec_* files) names every key with its type and its
// meaning; the checks, the hints for unknown keys and the JSON Schema follow it.
//
// Sources: lib/kamal/configuration.rb, lib/kamal/configuration/** and
// lib/kamal/commander/specifics.rb of https://github.com/basecamp/kamal (2.12.0).
package config
