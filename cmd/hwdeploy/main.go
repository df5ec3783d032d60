// Command hwdeploy deploys containers with Kamal's files.
//
// This folder only binds: each command has a file with its flags, builds what it
// needs (wire*.go), calls package deploy and returns an error. It alone reads
// the environment, writes to the standard streams and ends the process.
package main

import (
	"context"
	"os"
)

func main() { os.Exit(newApp().run(context.Background(), os.Args)) }
