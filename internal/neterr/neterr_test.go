package neterr_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/neterr"
)

func TestText(t *testing.T) {
	call := func(err error) error {
		return fmt.Errorf("send: %w", &url.Error{Op: "Put", URL: "https://b.test/x?signature=s3cret", Err: err})
	}
	for want, err := range map[string]error{
		"connection refused":                call(&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}),
		"the name b.test has no address":    call(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "b.test", IsNotFound: true}}),
		"unexpected EOF":                    call(io.ErrUnexpectedEOF),
		"read blob: the registry hung up":   errors.New("read blob: the registry hung up"),
		"lookup b.test: server misbehaving": call(&net.DNSError{Err: "server misbehaving", Name: "b.test"}),
	} {
		if got := neterr.Text(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
