//go:build man

package main

import (
	"log"
	"os"

	"github.com/spf13/cobra/doc"
)

// init makes this program, built with the tag man, write its man pages into the
// folder given and end: see make man.
func init() {
	if err := doc.GenManTree(newApp().root(), &doc.GenManHeader{Section: "1", Source: "hwdeploy"}, os.Args[1]); err != nil {
		log.Fatal(err)
	}
	os.Exit(0)
}
