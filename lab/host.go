package lab

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Host is one throw-away server. Its methods go through the container engine,
// so they work whatever state the host's sshd or network is in.
type Host struct {
	Name     string   // "lab-1"
	IP       string   // on the lab's network
	HostKeys []string // "ssh-ed25519 AAAA…", as in a .pub file, without comment

	lab       *Lab
	container string
}

// Answer is what a request through the host's port 80 answered.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

func (l *Lab) newHost(i int) *Host {
	name := fmt.Sprintf("lab-%d", i)
	return &Host{Name: name, IP: l.ip(hostOctet + i), lab: l, container: l.network() + "-" + name}
}

// Exec runs a line in sh on the host, as root in /root, and gives its standard
// output. A failure is a *CommandError with status and streams.
func (h *Host) Exec(ctx context.Context, line string) (string, error) {
	return h.ExecIn(ctx, nil, "root", line)
}

// ExecIn is Exec as any user, in the user's login folder, with input.
func (h *Host) ExecIn(ctx context.Context, stdin io.Reader, user, line string) (string, error) {
	home := "/root"
	if user != "root" {
		home = "/home/" + user
	}
	args := []string{"docker", "exec", "--user", user, "--workdir", home, "--env", "HOME=" + home}
	if stdin != nil {
		args = append(args, "--interactive")
	}
	out, err := run(ctx, command{stdin: stdin, argv: append(args, h.container, "sh", "-c", line)})
	if err != nil {
		return out, fmt.Errorf("on %s: %w", h.Name, err)
	}
	return out, nil
}

// Docker runs the host's own docker program.
func (h *Host) Docker(ctx context.Context, args ...string) (string, error) {
	out, err := docker(ctx, append([]string{"exec", h.container, "docker"}, args...)...)
	if err != nil {
		return out, fmt.Errorf("on %s: %w", h.Name, err)
	}
	return out, nil
}

// Running lists the names of the running containers, sorted.
func (h *Host) Running(ctx context.Context) ([]string, error) {
	out, err := h.Exec(ctx, "docker ps --format '{{.Names}}' | sort")
	return strings.Fields(out), err
}

// ReadFile gives a file of the host; a relative path starts at root's login folder.
func (h *Host) ReadFile(ctx context.Context, path string) (string, error) {
	return h.Exec(ctx, "cat -- '"+path+"'")
}

// WriteFile writes a file of the host as root, with its folders.
func (h *Host) WriteFile(ctx context.Context, path, text string) error {
	_, err := h.ExecIn(ctx, strings.NewReader(text), "root", fmt.Sprintf("mkdir -p \"$(dirname '%s')\" && cat > '%s'", path, path))
	return err
}

// HTTP asks the host's port 80 for a path with a Host header ("" = the address).
// Any status is an answer; the error is for no answer at all.
func (h *Host) HTTP(ctx context.Context, hostHeader, path string) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.IP+path, nil)
	if err != nil {
		return Answer{}, err
	}
	req.Host = hostHeader
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", h.Name, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, err
}

// Fingerprint is all that a deploy may change on the host as a stable text:
// containers, images, networks, volumes, files below the login folders and
// /tmp, the proxy's state. Equal texts prove that nothing was changed between.
func (h *Host) Fingerprint(ctx context.Context) (string, error) {
	return h.Exec(ctx, "lab-fingerprint")
}

// Reset makes the host as new, in about a second: no containers, images (but
// the proxy's), networks, volumes, files in login folders, sessions; sshd as at
// first. The engine's build cache stays.
func (h *Host) Reset(ctx context.Context) error {
	if err := h.thaw(ctx); err != nil {
		return err
	}
	if err := h.SetSSHD(ctx, ""); err != nil {
		return err
	}
	_, err := h.Exec(ctx, "lab-reset")
	return err
}

func (h *Host) start(ctx context.Context, image string, o Options) error {
	key, err := os.ReadFile(h.lab.Key + ".pub")
	if err != nil {
		return err
	}
	env := []string{"LAB_KEY=" + strings.TrimSpace(string(key)), "LAB_SUBNET=" + h.lab.Subnet}
	spec, err := hashOf(nil, append([]string{image, h.IP}, env...)...)
	if err != nil {
		return err
	}
	state, err := h.lab.found(ctx, h.container, spec)
	if err != nil {
		return err
	}
	switch state {
	case "running":
	case "paused":
		err = h.Unfreeze(ctx)
	case "":
		err = h.create(ctx, image, spec, env)
	default:
		_, err = docker(ctx, "start", h.container)
	}
	if err == nil {
		err = h.WaitReady(ctx)
	}
	if err == nil && o.Fresh && state != "" {
		err = h.Reset(ctx)
	}
	if err == nil {
		err = h.SetSSHD(ctx, o.SSHD[h.Name])
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", h.Name, err)
	}
	return nil
}

// create runs the host. The privileges are what --privileged would give, but
// for CAP_SYS_RESOURCE, which some machines can't hand on.
func (h *Host) create(ctx context.Context, image, spec string, env []string) error {
	args := []string{"run", "--detach", "--init", "--name", h.container, "--hostname", h.Name, "--label", label + ".spec=" + spec,
		"--network", h.lab.network(), "--ip", h.IP, "--network-alias", h.Name,
		"--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--device-cgroup-rule", "a *:* rwm",
		"--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined",
		"--tmpfs", "/run:exec,mode=755", "--mount", fmt.Sprintf("type=volume,dst=/var/lib/docker,volume-label=%s=%s,volume-label=%s=%s", label, h.lab.Name, labelRoot, h.lab.root)}
	args = append(args, h.lab.owned()...)
	for _, e := range env {
		args = append(args, "--env", e)
	}
	_, err := docker(ctx, append(args, image)...)
	return err
}

// WaitReady waits until the host takes logins, its engine answers and has the
// proxy's image, at most a minute.
func (h *Host) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, err := h.Exec(ctx, "until [ -e /run/lab/ready ]; do sleep 0.05; done; cut -d' ' -f1,2 /etc/ssh/ssh_host_*_key.pub")
	if err != nil {
		logs, logErr := docker(context.WithoutCancel(ctx), "logs", "--tail", "20", h.container)
		if logErr != nil {
			logs = logErr.Error()
		}
		return fmt.Errorf("%s did not become ready: %w; its log: %s", h.Name, err, logs)
	}
	h.HostKeys = strings.Split(strings.TrimSpace(out), "\n")
	return nil
}
