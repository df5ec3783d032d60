// S3gateway serves the buckets that lie as folders below DIR, by the S3 protocol,
// on a Unix socket: Versity's gateway on its posix backend. One account owns
// everything; the guest is known and owns nothing. ACCOUNTS is a folder for it.
//
//	S3_ACCESS_KEY=k S3_SECRET_KEY=s S3_GUEST_KEY=g S3_GUEST_SECRET=s s3gateway DIR ACCOUNTS SOCKET
//
// Source: https://github.com/versity/versitygw
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := serve(ctx, os.Args[1:]); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "s3gateway:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: s3gateway DIR ACCOUNTS SOCKET")
	}
	buckets, err := posix.New(args[0], meta.XattrMeta{}, posix.PosixOpts{})
	if err != nil {
		return err
	}
	owner := auth.Account{Access: os.Getenv("S3_ACCESS_KEY"), Secret: os.Getenv("S3_SECRET_KEY"), Role: auth.RoleAdmin}
	accounts, err := auth.NewInternal(owner, args[1])
	if err != nil {
		return err
	}
	guest := auth.Account{Access: os.Getenv("S3_GUEST_KEY"), Secret: os.Getenv("S3_GUEST_SECRET"), Role: auth.RoleUser}
	if err := accounts.CreateAccount(guest); err != nil && !errors.Is(err, auth.ErrUserExists) {
		return err
	}
	return embedgw.RunVersityGW(ctx, buckets, &embedgw.Config{
		RootUserAccess: owner.Access, RootUserSecret: owner.Secret, IAMService: accounts,
		Region: "auto", // as R2 calls it
		Ports:  []string{args[2]}, KeepAlive: true, Quiet: true, DisableACLs: true,
		MaxConnections: 4096, MaxRequests: 1024, MultipartMaxParts: 10000,
	})
}
