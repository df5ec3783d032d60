package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// inspect gives what `docker inspect` shows of a container, reduced as the
// recording is: without what is empty, zero or false, without what the engine
// sets alike for all containers, and without what a running network adds.
func (e *eyes) inspect(container string) []string {
	e.w.Helper()
	var all []map[string]any
	text := strings.Join(e.plain(e.lines("docker inspect "+container)), "\n")
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		e.w.Fatal(err)
	}
	d := all[0]
	state, config, host := part(d, "State"), part(d, "Config"), part(d, "HostConfig")
	settings := part(d, "NetworkSettings")
	// Containers are made by `docker create`, which notes that a later
	// `docker start --attach` is to show both streams; `docker run --detach` is
	// the same line but for these two marks. Nothing reads them in a start without
	// --attach. Ports that an image exposes are the image's.
	drop(config, "AttachStdout", "AttachStderr", "ExposedPorts")
	drop(host, "ShmSize", "MaskedPaths", "ReadonlyPaths")
	networks := map[string]any{}
	for name, n := range part(settings, "Networks") {
		settings := n.(map[string]any)
		drop(settings, "NetworkID", "EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "MacAddress")
		networks[name] = settings
	}
	return flat(map[string]any{
		"Name": d["Name"], "Image": d["Image"], "Path": d["Path"], "Args": d["Args"],
		"State":  map[string]any{"Status": state["Status"], "ExitCode": fmt.Sprint(state["ExitCode"])},
		"Config": config, "HostConfig": host, "Mounts": d["Mounts"], "Networks": networks, "Ports": settings["Ports"],
	})
}

// network gives what `docker network inspect` shows, reduced in the same way.
func (e *eyes) network(name string) []string {
	e.w.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(strings.Join(e.lines("docker network inspect "+name), "\n")), &all); err != nil {
		e.w.Fatal(err)
	}
	drop(all[0], "Id", "Created", "IPAM", "Containers")
	return flat(all[0])
}

func part(m map[string]any, key string) map[string]any {
	v, ok := m[key].(map[string]any)
	if !ok {
		return map[string]any{}
	}
	return v
}

func drop(m map[string]any, keys ...string) {
	for _, k := range keys {
		delete(m, k)
	}
}

// unordered are the lists whose order the engine or the recording makes up.
var unordered = []string{"Config.Env", "HostConfig.Binds", "Mounts"}

// flat writes a value as lines "path = value", sorted, without empty ones. Labels
// are kept also when they are empty: that is what they are for.
func flat(v any) []string {
	var out []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(strings.TrimPrefix(path+"."+k, "."), v[k])
			}
		case []any:
			for i, x := range inOrder(path, v) {
				if _, scalar := x.(string); scalar {
					walk(path+"[]", x)
					continue
				}
				walk(fmt.Sprintf("%s[%d]", path, i), x)
			}
		case nil:
		default:
			text := fmt.Sprint(v)
			if f, ok := v.(float64); ok {
				text = fmt.Sprintf("%.0f", f)
			}
			empty := text == "" || text == "0" || text == "false"
			if !empty || strings.HasPrefix(path, "Config.Labels.") || path == "State.ExitCode" {
				out = append(out, path+" = "+text)
			}
		}
	}
	walk("", v)
	return out
}

func inOrder(path string, list []any) []any {
	if !slices.Contains(unordered, path) {
		return list
	}
	sorted := slices.Clone(list)
	text := func(v any) string {
		if m, ok := v.(map[string]any); ok {
			return fmt.Sprint(m["Destination"])
		}
		return fmt.Sprint(v)
	}
	sort.Slice(sorted, func(i, j int) bool { return text(sorted[i]) < text(sorted[j]) })
	return sorted
}
