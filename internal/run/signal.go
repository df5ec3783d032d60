package run

import (
	"strconv"
	"syscall"
)

// signalName gives a signal's name without SIG, as SSH writes it (RFC 4254
// §6.10): "TERM", "KILL"; an unknown one as its number.
func signalName(n int) string {
	names := map[syscall.Signal]string{
		syscall.SIGABRT: "ABRT", syscall.SIGALRM: "ALRM", syscall.SIGFPE: "FPE",
		syscall.SIGHUP: "HUP", syscall.SIGILL: "ILL", syscall.SIGINT: "INT",
		syscall.SIGKILL: "KILL", syscall.SIGPIPE: "PIPE", syscall.SIGQUIT: "QUIT",
		syscall.SIGSEGV: "SEGV", syscall.SIGTERM: "TERM", syscall.SIGUSR1: "USR1",
		syscall.SIGUSR2: "USR2",
	}
	if name, ok := names[syscall.Signal(n)]; ok {
		return name
	}
	return strconv.Itoa(n)
}
