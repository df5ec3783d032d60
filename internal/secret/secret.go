// Package secret holds the Secret type, whose every printed form is asterisks,
// and the redacting writer that everything leaving the program passes.
//
// Laws: a Secret is unwrapped (Reveal) only where it is sent; the redactor never
// lets a secret through, not even one split over two writes.
package secret

const mask = "********"

// Secret is a value that must not be printed. The zero Secret is empty.
type Secret struct{ value string }

// New wraps a value. Every byte is kept.
func New(value string) Secret { return Secret{value: value} }

// Reveal gives the value; call it only where the value is sent.
func (s Secret) Reveal() string { return s.value }

// IsZero tells whether the value is empty.
func (s Secret) IsZero() bool { return s.value == "" }
