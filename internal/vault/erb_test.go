package vault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/vault"
)

func shell(line string) (string, error) {
	if line == "boom" {
		return "", errors.New("boom")
	}
	return "<" + line + ">\n", nil
}

func lookup(name string) (string, bool) { return "env-" + name, name == "HAS" }

func ExampleParseDotenv() {
	pairs, err := vault.ParseDotenv("HAS=file\nexport B=\"$HAS\" # c\nC=$(echo $B)\n", lookup, shell)
	fmt.Println(pairs, err)
	// Output: [{HAS file} {B file} {C <echo file>}] <nil>
}

func ExampleParseDotenvKeep() {
	pairs, err := vault.ParseDotenvKeep("HAS=$(boom)\nB=$HAS\n", lookup, shell)
	fmt.Println(pairs, err)
	// Output: [{HAS env-HAS} {B env-HAS}] <nil>
}

func TestParseDotenvErrors(t *testing.T) {
	if _, err := vault.ParseDotenv("A=$(boom)", lookup, shell); err == nil || err.Error() != "boom" {
		t.Errorf("got %v", err)
	}
	if _, err := vault.ParseDotenv("export A", lookup, nil); err == nil || err.Error() != `line 1: Line "export A" has an unset variable` {
		t.Errorf("got %v", err)
	}
}
