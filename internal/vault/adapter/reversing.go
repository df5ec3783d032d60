package adapter

import (
	"context"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// reversing is the adapter `test`: each value is its name backwards. It lets a
// secrets file be tried without a password manager.
func reversing() Adapter {
	return Adapter{name: "test", NeedsAccount: true,
		fetch: func(_ context.Context, _ *session, r Request) (*ordered.Object, error) {
			result := &ordered.Object{}
			for _, name := range r.prefixed() {
				text := []rune(strings.NewReplacer("LPAREN", "(", "RPAREN", ")").Replace(name))
				slices.Reverse(text)
				result.Set(name, string(text))
			}
			return result, nil
		}}
}
