// Package facts says what a configuration resolves to, one `name[subject] =
// value` a line: names, paths, the words of command lines, env files, secrets,
// selections. `hwdeploy config --facts` prints them, and the test of this package
// holds them against facts that Kamal 2.12.0 gave for the same files.
//
// Forms: argument lists are words joined by one blank, `(none)` without any;
// lists, file contents, versions and what may be null are JSON; a failure is
// `error: Class: text` in Kamal's words where it has some. A fact is evaluated
// only when it is asked for, so that a missing secret spoils no other fact.
//
// Laws: nothing is changed and no host is asked; facts with secrets are marked.
//
// Sources: https://kamal-deploy.org/docs/configuration/overview/ and
// https://github.com/basecamp/kamal (lib/kamal/configuration).
package facts
