// Package kamal is the contract with Kamal 2.12 as pure text: names, labels,
// host folders, command words, lock and audit formats, env-file bytes, hook
// environment. It imports nothing of ours and does nothing: no clock, no
// randomness, no host.
//
// Laws: a command line that Kamal has is Kamal's, byte for byte (package resolve's
// test compares them with those that Kamal was seen to send); what varies (times,
// random suffixes) is a parameter.
//
// Sources: https://github.com/basecamp/kamal (lib/kamal/commands, utils.rb,
// env_file.rb), https://github.com/basecamp/kamal-proxy.
package kamal
