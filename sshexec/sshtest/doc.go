// Package sshtest has what tests of ssh need: an in-process server that can be
// told to misbehave, a real OpenSSH sshd on a port of its own, an ssh-agent and
// keys. It is imported by tests only.
//
// The in-process server is for speed and for faults that sshd can't be asked for;
// whatever is claimed about sshd is tested against sshd.
package sshtest
