package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// Verb is what is done with an accessory on a host.
type Verb string

// The verbs.
const (
	AccessoryDirs    Verb = "directories" // folders on the host
	AccessoryFiles   Verb = "upload"      // files onto the host
	AccessoryPull    Verb = "pull"        // the image, also where it is there
	AccessoryBoot    Verb = "boot"        // a new container, started and given to the proxy
	AccessoryReplace Verb = "replace"     // the same in the place of another, which returns when it fails
	AccessoryStart   Verb = "start"
	AccessoryStop    Verb = "stop"

	AccessoryDropContainers Verb = "remove_container" // those that are stopped
	AccessoryDropImage      Verb = "remove_image"     // unless something else needs it
	AccessoryDropFiles      Verb = "remove_service_directory"
)

// AccessoryDo is one thing to do with an accessory on one host.
type AccessoryDo struct {
	Name string `json:"name"`
	Do   Verb   `json:"do"`
	Line string `json:"line,omitempty"` // Boot, Replace: Kamal's own line with `docker create`
	// Containers are those that are there: Replace.
	Containers []Ref `json:"containers,omitempty"`
}

// Accessories plans a command for accessories of these names, one after another,
// on their selected hosts at the same time. Command is Kamal's, hidden ones too.
func Accessories(command string, names []string) Maker {
	return func(in Input) (Plan, error) {
		b := newCommand(in, "accessory "+command)
		for _, name := range names {
			b.accessory(command, in.Config.Accessory(name))
		}
		return b.plan, nil
	}
}

// AccessoryHosts are an accessory's hosts that are selected, each once.
func AccessoryHosts(s *config.Selection, a *config.Accessory) []string {
	var out []string
	for _, h := range a.Hosts {
		if slices.Contains(s.AccessoryHosts, h) && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

// accessory plans one accessory; the next one waits for all its hosts.
func (b *builder) accessory(command string, a *config.Accessory) {
	var last, skipped []string
	for _, host := range AccessoryHosts(b.in.Selection, a) {
		there := b.in.State.Host(host).Accessories[a.Name]
		if command == "boot" && len(there) > 0 {
			skipped = append(skipped, host)
		}
		gate := b.gate
		for _, do := range b.verbs(command, host, a) {
			do.Line, do.Containers = b.accessoryDetails(host, a, do.Do, there)
			b.gate = []string{b.add(accessoryStep(host, a, do))}
		}
		last, b.gate = append(last, b.gate...), gate
	}
	if len(last) > 0 {
		b.gate = last
	}
	if len(skipped) > 0 {
		slices.Sort(skipped)
		b.plan.Notes = append(b.plan.Notes, fmt.Sprintf("Skipping booting `%s` on %s, a container already exists", a.Name, strings.Join(skipped, ", ")))
	}
}

// verbs are the parts of a command on a host.
func (b *builder) verbs(command, host string, a *config.Accessory) []AccessoryDo {
	var out []AccessoryDo
	there := b.in.State.Host(host).Accessories[a.Name]
	say := func(verbs ...Verb) {
		for _, v := range verbs {
			out = append(out, AccessoryDo{Name: a.Name, Do: v})
		}
	}
	lay := func() {
		if len(a.Directories) > 0 {
			say(AccessoryDirs)
		}
		if len(a.Files) > 0 {
			say(AccessoryFiles)
		}
	}
	switch command {
	case "boot":
		lay()
		switch {
		case len(there) == 0:
			say(AccessoryBoot)
		case b.unrouted(host, a, there[0]):
			say(AccessoryStart) // which gives it to the proxy
		}
	case "reboot":
		say(AccessoryPull)
		if lay(); len(there) == 0 {
			say(AccessoryBoot)
		} else {
			say(AccessoryReplace)
		}
	case "restart":
		say(AccessoryStop, AccessoryStart)
	case "remove":
		say(AccessoryStop, AccessoryDropContainers, AccessoryDropImage, AccessoryDropFiles)
	case "pull_image":
		say(AccessoryPull)
	default:
		say(Verb(command))
	}
	return out
}

// unrouted: an accessory runs and the proxy, which should serve it, knows nothing
// of it.
func (b *builder) unrouted(host string, a *config.Accessory, c Container) bool {
	return a.Proxied && c.Running() && b.in.State.Host(host).Proxy.Services[a.Service] == ""
}

func (b *builder) accessoryDetails(host string, a *config.Accessory, v Verb, there []Container) (line string, refs []Ref) {
	if v == AccessoryBoot || v == AccessoryReplace {
		line = resolve.AccessoryRun(b.in.Config, a, host).CreateLine()
	}
	if v == AccessoryReplace {
		for _, c := range there {
			refs = append(refs, Ref{ID: c.ID, Name: c.Name})
		}
	}
	return line, refs
}

func accessoryStep(host string, a *config.Accessory, do AccessoryDo) Step {
	s := Step{
		ID: host + "/accessory/" + a.Name + "/" + string(do.Do), Kind: Accessory, Host: host, Effect: Lasting,
		Title: accessoryTitle(a, do.Do), Accessory: &do,
	}
	if do.Do == AccessoryReplace {
		s.Undo = "when it fails: the container from before"
	}
	return s
}

func accessoryTitle(a *config.Accessory, v Verb) string {
	title := map[Verb]string{
		AccessoryDirs:  fmt.Sprintf("make %d directories of %s", len(a.Directories), a.Service),
		AccessoryFiles: fmt.Sprintf("upload %d files of %s", len(a.Files), a.Service), AccessoryPull: "pull " + a.Image,
		AccessoryBoot: "boot " + a.Service + " from " + a.Image, AccessoryReplace: "replace " + a.Service + " by a new container of " + a.Image,
		AccessoryStart: "start " + a.Service, AccessoryStop: "stop " + a.Service,
		AccessoryDropContainers: "remove the container " + a.Service, AccessoryDropImage: "remove the image " + a.Image,
		AccessoryDropFiles: "remove the files and data in " + a.Service,
	}[v]
	if a.Proxied && (v == AccessoryBoot || v == AccessoryReplace || v == AccessoryStart) {
		title += ", served by kamal-proxy"
	}
	return title
}
