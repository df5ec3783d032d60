//go:build engine

package docker_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/warmlyyours/hwdeploy/internal/docker"
)

func TestImages(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	d, err := w.ImageInspect(ctx, w.image)
	if err != nil {
		t.Fatal(err)
	}
	if d.Labels["service"] != "probe" || len(d.Layers) != 1 {
		t.Errorf("details = %+v", d)
	}
	repo, _, _ := strings.Cut(w.image, ":")
	if err := w.Tag(ctx, w.image, repo+":latest"); err != nil {
		t.Fatal(err)
	}
	list, err := w.Images(ctx, docker.ImageListOptions{References: []string{repo}, Labels: []string{"service=probe", w.label}})
	if err != nil || len(list) != 1 || len(list[0].Tags) != 2 || list[0].ID != d.ID {
		t.Fatalf("images = %+v, %v", list, err)
	}
	gone, err := w.RemoveImage(ctx, w.image)
	if err != nil || !slices.Equal(gone.Untagged, []string{w.image}) || len(gone.Deleted) != 0 {
		t.Errorf("one of two names: %+v, %v", gone, err)
	}
	gone, err = w.RemoveImage(ctx, repo+":latest")
	if err != nil || len(gone.Deleted) == 0 {
		t.Errorf("the last name: %+v, %v", gone, err)
	}
}

func TestPruneTakesOnlyWhatItIsTold(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	old, err := w.ImageInspect(ctx, w.image)
	if err != nil {
		t.Fatal(err)
	}
	// The name moves on: the first image dangles. A container still needs it.
	stopped := w.create("", "serve")
	w.importImage()
	if gone, err := w.PruneDangling(ctx, w.label); err != nil || len(gone.Deleted) != 0 {
		t.Errorf("in use: %+v, %v", gone, err)
	}
	list, err := w.List(ctx, docker.ListOptions{All: true, IDs: []string{stopped}})
	if err != nil || len(list) != 1 || list[0].Image != docker.ShortID(old.ID) {
		t.Errorf("the image column after the name moved: %+v, %v", list, err)
	}
	ids, err := w.PruneContainers(ctx, w.label)
	if err != nil || !slices.Equal(ids, []string{stopped}) {
		t.Errorf("containers: %v, %v", ids, err)
	}
	gone, err := w.PruneDangling(ctx, w.label)
	if err != nil || !slices.Contains(gone.Deleted, old.ID) {
		t.Errorf("dangling: %+v, %v", gone, err)
	}
	if _, err := w.ImageInspect(ctx, w.image); err != nil {
		t.Errorf("the named one went too: %v", err)
	}
	if _, err := w.PruneDangling(ctx); err == nil {
		t.Error("no label: want a refusal")
	}
}

func TestNetworkEnsureTwice(t *testing.T) {
	w := newWorld(t)
	name := "hwdeploy-test-" + random(t)
	raw := rawClient(t)
	t.Cleanup(func() {
		if err := raw.NetworkRemove(context.Background(), name); err != nil && !docker.IsNotFound(err) {
			t.Error(err)
		}
	})
	for range 2 {
		if err := w.NetworkEnsure(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	list, err := raw.NetworkList(t.Context(), network.ListOptions{Filters: filters.NewArgs(filters.Arg("name", name))})
	if err != nil || len(list) != 1 {
		t.Errorf("networks of that name: %v, %v", list, err)
	}
}

func TestTheVersionIsAskedOnce(t *testing.T) {
	w := newWorld(t)
	e, err := w.Ping(t.Context())
	if err != nil || e.APIVersion == "" || e.OS != "linux" {
		t.Fatalf("engine = %+v, %v", e, err)
	}
	before := w.dials.n
	var wg sync.WaitGroup
	for range 8 {
		for range 5 {
			wg.Go(func() {
				if _, err := w.List(t.Context(), docker.ListOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	w.dials.mu.Lock()
	defer w.dials.mu.Unlock()
	if opened := w.dials.n - before; opened > 6 {
		t.Errorf("%d streams for 40 calls, 5 at a time", opened)
	}
	if _, err := w.Info(t.Context()); err != nil {
		t.Error(err)
	}
}
