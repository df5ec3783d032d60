// Package resolve is the one place where a typed configuration becomes Kamal's
// words: it maps config's values to package kamal's and decides nothing else.
//
// Laws: pure, like both of its neighbours; a secret's value passes through a
// lookup that the caller gives, never through the configuration.
package resolve
