// Command probe is the one program in the images of the engine tests.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh/agent"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "probe: no word given")
		os.Exit(2)
	}
	args := os.Args[2:]
	switch os.Args[1] {
	case "serve": // say something on both streams, then wait for TERM
		term := make(chan os.Signal, 1)
		signal.Notify(term, syscall.SIGTERM)
		fmt.Println("out: ready")
		fmt.Fprintln(os.Stderr, "err: ready")
		<-term
		fmt.Println("out: bye")
	case "exit": // code, then words for stderr
		code, err := strconv.Atoi(args[0])
		if err != nil {
			os.Exit(99)
		}
		fmt.Fprintln(os.Stderr, strings.Join(args[1:], " "))
		os.Exit(code)
	case "echo":
		fmt.Println(strings.Join(args, " "))
	case "cat":
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			os.Exit(1)
		}
	case "file": // print a file
		b, err := os.ReadFile(args[0])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Stdout.Write(b)
	case "write": // path, words
		if err := os.WriteFile(args[0], []byte(strings.Join(args[1:], " ")), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "agent": // the keys of the SSH agent
		conn, err := net.Dial("unix", os.Getenv("SSH_AUTH_SOCK"))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		keys, err := agent.NewClient(conn).List()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		for _, k := range keys {
			fmt.Println(k.String())
		}
	case "getenv":
		fmt.Println(os.Getenv(args[0]))
	case "sleep": // milliseconds; then say so
		ms, err := strconv.Atoi(args[0])
		if err != nil {
			os.Exit(99)
		}
		time.Sleep(time.Duration(ms) * time.Millisecond)
		fmt.Println("slept")
	default:
		fmt.Fprintln(os.Stderr, "probe: unknown word", os.Args[1])
		os.Exit(2)
	}
}
