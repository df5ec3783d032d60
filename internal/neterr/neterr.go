// Package neterr says in few words why a call over the network failed. Addresses
// are left out: the caller's text names them, and those of uploads are signed.
//
// Source: package net, whose errors repeat address and operation on each layer.
package neterr

import (
	"errors"
	"net"
	"net/url"
	"syscall"
)

// Text is the innermost cause: "connection refused", or that a name has no address.
func Text(err error) string {
	var called *url.Error
	var name *net.DNSError
	var system syscall.Errno
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return "the name " + name.Name + " has no address"
	case errors.As(err, &system):
		return system.Error()
	case errors.As(err, &called):
		return called.Err.Error()
	}
	return err.Error()
}
