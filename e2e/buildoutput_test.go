package e2e

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/sshexec"
)

// An image can go into a file, a folder or this machine's engine; nothing is
// pushed then. build dev takes the tree as it is and lists what is not committed.
//
// proves: build push --output, build dev, build dev --output, build dev --no-cache
func TestAnImageCanGoElsewhere(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	v := w.revision()
	name := theLab.Registry.Addr + "/demo/shop:" + v
	if err := os.Mkdir(filepath.Join(w.dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.must("build", "push", "-d", "lab", "--output", "docker,dest=tmp/image.tar")
	if tags := archiveTags(t, filepath.Join(w.dir, "tmp/image.tar")); !strings.Contains(tags, name) {
		t.Errorf("the archive holds %s", tags)
	}
	w.must("build", "push", "-d", "lab", "--output", "local,dest=tmp/files")
	if text := w.read("tmp/files/rails/REVISION"); strings.TrimSpace(text) != v {
		t.Errorf("REVISION holds %q", text)
	}
	w.env = append(w.env, "DOCKER_HOST=unix://"+w.engineOf("lab-2"))
	w.contains(w.must("build", "push", "-d", "lab", "--output", "docker"), "is in this machine's engine")
	w.on("lab-2", "docker image inspect "+name)

	w.write("app/message.txt", "not committed\n")
	w.write("app/new.txt", "new\n")
	w.contains(w.must("build", "dev", "-d", "lab", "--version", "x"), "not committed:  M app/message.txt", "not committed: ?? app/new.txt")
	if text := w.on("lab-2", "docker run --rm "+theLab.Registry.Addr+"/demo/shop:x-dirty cat app/message.txt"); text != "not committed" {
		t.Errorf("the image holds %q", text)
	}
	w.on("lab-2", "docker image inspect "+theLab.Registry.Addr+"/demo/shop:latest-lab-dirty")
	w.must("build", "dev", "-d", "lab", "--version", "y", "--no-cache", "--output", "docker,dest=tmp/dev.tar")
	if tags := archiveTags(t, filepath.Join(w.dir, "tmp/dev.tar")); !strings.Contains(tags, "/demo/shop:y-dirty") {
		t.Errorf("the archive holds %s", tags)
	}
	if images := w.images(); images != "" {
		t.Errorf("something was pushed:\n%s", images)
	}
	if o := w.hwdeploy("build", "push", "-d", "lab", "--output", "floppy"); o.code != 2 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
}

// archiveTags are the names in an archive for docker load.
func archiveTags(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Name != "manifest.json" {
			continue
		}
		var list []struct{ RepoTags []string }
		if err := json.NewDecoder(r).Decode(&list); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return strings.Join(list[0].RepoTags, " ")
	}
}

// engineOf gives a socket here that leads to a host's engine.
func (w *world) engineOf(name string) string {
	w.Helper()
	d := sshexec.New(sshexec.Options{ConfigFiles: []string{theLab.SSHConfig}, WholeConfig: true, User: "root"})
	c, err := d.Dial(w.Context(), name)
	if err != nil {
		w.Fatal(err)
	}
	path := filepath.Join(w.TempDir(), "docker.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := errors.Join(l.Close(), d.Close()); err != nil {
			w.Error(err)
		}
	})
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := c.DialDocker(w.Context())
			if err != nil {
				near.Close()
				return
			}
			go func() { io.Copy(far, near); far.(interface{ CloseWrite() error }).CloseWrite() }() //nolint:errcheck // the other side sees it
			go func() { io.Copy(near, far); near.Close() }()                                       //nolint:errcheck // likewise
		}
	}()
	return path
}
