// Hwlab brings a lab up for a person: hwlab up [N], hwlab status, hwlab down.
// The flag -name chooses which (default "lab"); those of tests and of the demo
// have names of their own. "down all" takes down every lab of this checkout.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/warmlyyours/hwdeploy/lab"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := hwlab(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hwlab:", err)
		os.Exit(1)
	}
}

func hwlab(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("hwlab", flag.ExitOnError)
	name := flags.String("name", "lab", "which lab")
	fresh := flags.Bool("fresh", false, "up: make what is left from before as new")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: hwlab [-name NAME] [-fresh] up [HOSTS] | status | down [all]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	o := lab.Options{Name: *name, Fresh: *fresh, Log: func(s string) { fmt.Fprintln(os.Stderr, "[lab]", s) }}
	switch flags.Arg(0) {
	case "up":
		return up(ctx, o, flags.Arg(1))
	case "down":
		if flags.Arg(1) == "all" {
			return lab.DownAll(ctx, o)
		}
		return lab.Down(ctx, o)
	case "status":
		text, err := lab.Status(ctx)
		fmt.Print(text)
		return err
	}
	flags.Usage()
	os.Exit(2)
	return nil
}

func up(ctx context.Context, o lab.Options, hosts string) error {
	if hosts != "" {
		n, err := strconv.Atoi(hosts)
		if err != nil {
			return fmt.Errorf("how many hosts? %q is not a number", hosts)
		}
		o.Hosts = n
	}
	l, err := lab.Up(ctx, o)
	if err != nil {
		return err
	}
	for _, h := range l.Hosts {
		fmt.Printf("%-8s %-14s ssh -F %s %s\n", h.Name, h.IP, l.SSHConfig, h.Name)
	}
	fmt.Printf("registry %s  user %s  password %s\n", l.Registry.Addr, l.Registry.Username, l.Registry.Password)
	fmt.Printf("database %s/snapshot\n", l.DB.URL)
	fmt.Printf("stop it  go run ./lab/cmd/hwlab -name %s down\n", l.Name)
	return nil
}
