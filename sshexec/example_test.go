package sshexec_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// A run asks for a host by its name in deploy.yml; ssh_config may say where it is.
func ExampleDialer() {
	ctx := context.Background()
	d := sshexec.New(sshexec.Options{
		User: "deploy", HomeDir: "/home/ann", AgentSocket: "/run/user/1000/ssh-agent", KnownHosts: []string{"config/known_hosts"},
	})
	defer d.Close()
	host, err := d.Dial(ctx, "web-1.example.com")
	var refused *sshexec.ConnectError
	if errors.As(err, &refused) && refused.Kind == sshexec.KindHostKeyUnknown {
		fmt.Println(refused.Hint) // the line to add
	}
	if err != nil {
		return
	}
	res, err := host.Run(ctx, run.Cmd{Name: "list containers", Line: "docker ps --quiet"})
	fmt.Println(res.Stdout, err)
}

// A helper that lives as long as the run, fed line by line.
func ExampleClient_Start() {
	ctx := context.Background()
	var host *sshexec.Client // from Dial
	s, err := host.Start(ctx, "exec sh")
	if err != nil {
		return
	}
	fmt.Fprintln(s.Stdin, "echo still here >> journal")
	err = errors.Join(s.Stdin.Close(), s.Wait())
	fmt.Println(err)
}

// What is cancelled is gone from the host when Run returns.
func ExampleClient_Run_cancel() {
	var host *sshexec.Client // from Dial
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := host.Run(ctx, run.Cmd{Name: "migrate", Line: "docker run --rm app bin/migrate"})
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
}

// A file of secrets: closed to others from the start, replaced in one step.
func ExampleClient_Upload() {
	var host *sshexec.Client // from Dial
	err := host.Upload(context.Background(), ".kamal/apps/shop/env/roles/web.env", []byte("KEY=value\n"), 0o600)
	fmt.Println(err)
}

// The engine's API, as a dial function for an HTTP client.
func ExampleClient_DialDocker() {
	var host *sshexec.Client // from Dial
	conn, err := host.DialDocker(context.Background())
	if err != nil {
		fmt.Println(err) // with what `docker version` says on the host
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n")
}
