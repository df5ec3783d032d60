// Package sshexec reaches hosts as ssh does: one connection per host for a whole
// run, and everything else is a channel on it.
//
//	d := sshexec.New(sshexec.Options{User: "deploy", HomeDir: home, AgentSocket: sock})
//	defer d.Close()
//	c, err := d.Dial(ctx, "web-1")        // *ConnectError tells what to try
//	res, err := c.Run(ctx, run.Cmd{Line: "docker ps"})
//	s, err := c.Start(ctx, "exec sh")     // long-lived: Stdin, Stdout, Wait
//	err = c.Upload(ctx, ".kamal/x.env", content, 0o600)
//	conn, err := c.DialDocker(ctx)        // the host's own Docker socket
//
// # Laws
//
//   - An unknown host key is asked about, or refused with the line to add; a
//     changed or revoked one is always refused.
//   - A lost connection stays lost: no call reconnects, so that a deployer whose
//     host was fenced cannot write there again.
//   - A Run costs one round trip (a session is kept open in advance); a command
//     with stdin costs two, since OpenSSH opens the window only after exec.
//   - A command that ended by a signal, or without a status, never succeeded.
//   - Cancelling leaves no goroutine here and no process there.
//   - Nothing is read from the process environment; callers pass values in.
//
// # How a command is cancelled
//
// Closing a channel that has no terminal does not end the remote command, and
// sshd serves the "signal" request only where the login is not root (the check
// is mm_is_monitor in session.c). So each line is preceded by
//
//	sh -c 'echo hwdeploy-TOKEN $PPID >&2'; LINE
//
// which any login shell understands; the first line of stderr then names the
// process, which leads a session and process group of its own (sshd's child calls
// setsid). That line is taken out of stderr again. The rest of LINE is parsed by
// the login shell in the login folder, as if it stood alone. Cancelling sends the
// signal request, and runs `kill` for that group through another session: TERM,
// and KILL after the grace. It costs no round trip and one fork of sh.
//
// # Sources
//
// RFC 4251–4254; OpenSSH PROTOCOL (direct-streamlocal, keepalive):
// https://github.com/openssh/openssh-portable/blob/master/PROTOCOL ;
// ssh_config(5) and sshd(8): https://man.openbsd.org/ssh_config ; Kamal's ssh
// section: https://github.com/basecamp/kamal/blob/main/lib/kamal/configuration/ssh.rb
package sshexec
