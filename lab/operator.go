package lab

import (
	"context"
	"path/filepath"
	"strings"
)

// CopyIn copies a file or folder of this machine to the same path on the host.
func (h *Host) CopyIn(ctx context.Context, paths ...string) error {
	for _, p := range paths {
		if _, err := docker(ctx, "exec", h.container, "mkdir", "-p", filepath.Dir(p)); err != nil {
			return err
		}
		if _, err := docker(ctx, "cp", p, h.container+":"+filepath.Dir(p)+"/"); err != nil {
			return err
		}
	}
	return nil
}

// LoadRegistry gives a host's engine an image registry:3: the lab's registry,
// without accounts. It makes a host an operator's machine with a local registry.
func (h *Host) LoadRegistry(ctx context.Context) error {
	archive, err := docker(ctx, "save", h.lab.serviceImage)
	if err != nil {
		return err
	}
	if _, err := h.ExecIn(ctx, strings.NewReader(archive), "root", "docker load --quiet"); err != nil {
		return err
	}
	_, err = h.Exec(ctx, `printf 'FROM `+h.lab.serviceImage+`\nCMD ["/labregistry"]\n' | docker build --quiet --tag registry:3 -`)
	return err
}
