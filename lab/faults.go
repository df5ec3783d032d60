package lab

import (
	"context"
	"strings"
)

// Freeze stops all processes of the host where they are: connections stay
// open and silent.
func (h *Host) Freeze(ctx context.Context) error { return h.engine(ctx, "pause") }

// Unfreeze lets them go on.
func (h *Host) Unfreeze(ctx context.Context) error { return h.engine(ctx, "unpause") }

// Kill switches the host off without warning; Start switches it on again.
func (h *Host) Kill(ctx context.Context) error { return h.engine(ctx, "kill") }

// Start boots a host that was killed, with a new boot id, and waits for it.
func (h *Host) Start(ctx context.Context) error {
	if err := h.engine(ctx, "start"); err != nil {
		return err
	}
	return h.WaitReady(ctx)
}

// Reboot is Kill and Start.
func (h *Host) Reboot(ctx context.Context) error {
	if err := h.Kill(ctx); err != nil {
		return err
	}
	return h.Start(ctx)
}

// Unplug takes the host off the network: packets to it are lost.
func (h *Host) Unplug(ctx context.Context) error {
	return h.engine(ctx, "network", "disconnect", h.lab.network())
}

// Plug puts it back under its address.
func (h *Host) Plug(ctx context.Context) error {
	return h.engine(ctx, "network", "connect", "--ip", h.IP, "--alias", h.Name, h.lab.network())
}

func (h *Host) engine(ctx context.Context, args ...string) error {
	_, err := docker(ctx, append(args, h.container)...)
	return err
}

// thaw brings a host back that a test left frozen, off or unplugged.
func (h *Host) thaw(ctx context.Context) error {
	out, err := docker(ctx, "inspect", "--format", "{{.State.Status}} {{range $n, $_ := .NetworkSettings.Networks}}{{$n}}{{end}}", h.container)
	if err != nil {
		return err
	}
	state, net, _ := strings.Cut(strings.TrimSpace(out), " ")
	if net == "" {
		if err := h.Plug(ctx); err != nil {
			return err
		}
	}
	switch state {
	case "running":
		return nil
	case "paused":
		return h.Unfreeze(ctx)
	}
	return h.Start(ctx)
}

// setSSHD writes the drop-in that comes before all others (in sshd the first
// value wins) and has sshd read it. It waits until sshd listens again; logins
// that are open stay open.
const setSSHD = `f=/etc/ssh/sshd_config.d/00-test.conf
old=$(cat "$f" 2>/dev/null); new=$(cat)
[ "$old" != "$new" ] || exit 0
printf '%s\n' "$new" > "$f"
if ! /usr/sbin/sshd -t; then printf '%s\n' "$old" > "$f"; exit 1; fi
listens() { grep -c 'Server listening on 0.0.0.0' /var/log/sshd.log; }
before=$(listens)
kill -HUP "$(cat /run/sshd.pid)"
until [ "$(listens)" -gt "$before" ]; do sleep 0.02; done`

// SetSSHD applies extra sshd_config lines, for example "MaxSessions 2"; they
// replace those of the call before. "" = none.
func (h *Host) SetSSHD(ctx context.Context, lines string) error {
	_, err := h.ExecIn(ctx, strings.NewReader(lines), "root", setSSHD)
	return err
}
