package adapter

import (
	"context"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// passbolt drives `passbolt`: https://github.com/passbolt/go-passbolt-cli.
func passbolt() Adapter {
	return Adapter{
		name: "passbolt", title: "Passbolt CLI", check: "passbolt --version",
		login: func(ctx context.Context, s *session) error {
			_, err := s.must(ctx, "passbolt verify", "Failed to login to Passbolt")
			return err
		},
		fetch: passboltFetch,
	}
}

func passboltFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	names := r.prefixed()
	if len(names) == 0 {
		return nil, fail(nil, "No secrets given to fetch")
	}
	var paths [][]string
	last := make([]string, len(names))
	for i, name := range names {
		p := parts(name)
		last[i] = p[len(p)-1]
		if folder := p[:len(p)-1]; len(folder) > 0 && !slices.ContainsFunc(paths, func(q []string) bool { return slices.Equal(q, folder) }) {
			paths = append(paths, folder)
		}
	}
	folders, err := passboltFolders(ctx, s, paths)
	if err != nil {
		return nil, err
	}
	v, err := s.json(ctx, folders.listResources(names), "Could not read %s from Passbolt", list(names))
	if err != nil {
		return nil, err
	}
	result := &ordered.Object{}
	for _, o := range objects(v) {
		result.Set(o.Text("name"), o.Get("password"))
	}
	if missing := without(last, result.Keys()); len(missing) > 0 {
		return nil, fail(nil, "Could not find the following secrets in Passbolt: %s", strings.Join(missing, ", "))
	}
	return result, nil
}

// folderList is the folders that were found, as passbolt describes them.
type folderList []*ordered.Object

// passboltFolders finds the folders of paths, level by level: one list for all
// at the top, then one for each below.
func passboltFolders(ctx context.Context, s *session, paths [][]string) (folderList, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	var tops []string
	for _, p := range paths {
		if c := condition(p[0]); !slices.Contains(tops, c) {
			tops = append(tops, c)
		}
	}
	v, err := s.json(ctx, listFolders(strings.Join(tops, " || ")), "Could not read folders from Passbolt")
	if err != nil {
		return nil, err
	}
	top := folderList(objects(v))
	found := slices.Clone(top)
	for _, p := range paths {
		below, err := top.below(ctx, s, p)
		if err != nil {
			return nil, err
		}
		found = append(found, below...)
	}
	var missing []string
	for _, p := range paths {
		if path := strings.Join(p, "/"); found.at(path) == nil {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		return nil, fail(nil, "Could not find the following folders in Passbolt: %s", strings.Join(missing, ", "))
	}
	return found, nil
}

// below finds the folders under the first of path. A level that passbolt does
// not list is left out here; it is then missing in the end.
func (l folderList) below(ctx context.Context, s *session, path []string) (folderList, error) {
	parent := named(l, path[0])
	if parent == nil {
		return nil, nil
	}
	var found folderList
	for _, name := range path[1:] {
		out, err := s.run(ctx, listFolders(condition(name)+" && FolderParentID == "+inspect(Escape(parent.Text("id")))))
		if refused(err) != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		v, err := ordered.Parse(out)
		if err != nil {
			return nil, fail(err, "Could not read folders from Passbolt")
		}
		level := objects(v)
		if len(level) == 0 {
			break
		}
		found = append(found, level...)
		parent = level[0]
	}
	return found, nil
}

// at gives the folder of a path, nil when it is not there.
func (l folderList) at(path string) *ordered.Object {
	for _, f := range l {
		if l.path(f) == path {
			return f
		}
	}
	return nil
}

// path walks up as far as the parents are known.
func (l folderList) path(f *ordered.Object) string {
	path := f.Text("name")
	for range l {
		parent := l.byID(f.Text("folder_parent_id"))
		if parent == nil {
			break
		}
		path = parent.Text("name") + "/" + path
		f = parent
	}
	return path
}

func (l folderList) byID(id string) *ordered.Object {
	for _, f := range l {
		if id != "" && f.Text("id") == id {
			return f
		}
	}
	return nil
}

func (l folderList) listResources(names []string) string {
	conditions := make([]string, len(names))
	for i, name := range names {
		p := parts(name)
		conditions[i] = condition(p[len(p)-1])
		if f := l.at(strings.Join(p[:len(p)-1], "/")); f != nil {
			conditions[i] = "(" + conditions[i] + " && FolderParentID == " + inspect(Escape(f.Text("id"))) + ")"
		}
	}
	line := "passbolt list resources --filter " + single(strings.Join(conditions, " || "))
	for _, f := range l {
		line += " --folder " + Escape(f.Text("id"))
	}
	return line + " --column name --column password --json"
}

func listFolders(filter string) string {
	return "passbolt list folders --filter " + single(filter) + " --json"
}

// condition asks for a name, escaped for a shell and then as a string of the
// filter language, as Kamal does it.
func condition(name string) string { return "Name == " + inspect(Escape(name)) }

func single(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
