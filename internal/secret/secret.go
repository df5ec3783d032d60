// Package secret holds the Secret type, whose every printed form is asterisks,
// and the redacting writer that everything leaving the program passes.
//
// Laws: a Secret is unwrapped (Reveal) only where it is sent; the redactor never
// lets a secret through, not even one split over two writes.
//
// It knows nothing of where secrets come from (internal/vault) or go to.
package secret

import "unique"

const mask = "********"

// Secret is a value that must not be printed. The zero Secret is empty.
//
// Two Secrets are == when their values are. The value stands behind a pointer,
// since fmt prints the fields of a foreign struct without asking their methods:
// a Secret in an unexported field then shows an address, not its text.
type Secret struct{ value unique.Handle[string] }

// New wraps a value. Every byte is kept.
func New(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: unique.Make(value)}
}

// Reveal gives the value; call it only where the value is sent.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.value.Value()
}

// IsZero tells whether the value is empty.
func (s Secret) IsZero() bool { return s == Secret{} }
