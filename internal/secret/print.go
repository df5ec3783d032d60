package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// The methods below are all the ways in which the standard library, yaml.v3 and
// slog turn a value into text. There is no way back: nothing unmarshals.
var (
	_ fmt.Formatter  = Secret{}
	_ slog.LogValuer = Secret{}
)

// String gives asterisks, for an empty Secret too.
func (Secret) String() string { return mask }

// GoString gives asterisks for %#v.
func (Secret) GoString() string { return mask }

// Format writes asterisks for every verb and flag. Its error is the State's to
// keep: Formatter has no way to return one.
func (Secret) Format(f fmt.State, _ rune) {
	if _, err := io.WriteString(f, mask); err != nil {
		return
	}
}

// MarshalJSON gives asterisks as a JSON string.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }

// MarshalText gives asterisks; it also serves map keys, flags and XML.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// MarshalYAML gives asterisks to yaml.v3.
func (Secret) MarshalYAML() (any, error) { return mask, nil }

// LogValue gives asterisks to slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }
