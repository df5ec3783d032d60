package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// Accessories carries out a command that changes accessories of these names (see
// plan.Accessories). What the command needs of this machine is looked at before
// anything is touched.
func (e *Engine) Accessories(ctx, hard context.Context, r Request, command string, names []string) error {
	list, _, err := e.accessories(names)
	if err != nil {
		return err
	}
	if err := e.accessoriesReady(ctx, command, list); err != nil {
		return err
	}
	err = e.Act(ctx, hard, r, plan.Accessories(command, names))
	var failed *Failure
	if errors.As(err, &failed) {
		e.accessoriesFailed(hard, failed, list)
	}
	return err
}

// PlanAccessories is the plan of such a command as it would be now.
func (e *Engine) PlanAccessories(ctx context.Context, r Request, command string, names []string) (plan.Plan, error) {
	if _, _, err := e.accessories(names); err != nil {
		return plan.Plan{}, err
	}
	return e.PlanAct(ctx, r, plan.Accessories(command, names))
}

// accessories gives those of the names and their selected hosts, each once.
func (e *Engine) accessories(names []string) (list []*config.Accessory, hosts []string, err error) {
	for _, name := range names {
		a := e.Config.Accessory(name)
		if a == nil {
			return nil, nil, &UnknownAccessoryError{Name: name, Options: e.AccessoryNames()}
		}
		list = append(list, a)
		for _, h := range plan.AccessoryHosts(e.Selection, a) {
			if !slices.Contains(hosts, h) {
				hosts = append(hosts, h)
			}
		}
	}
	if len(hosts) == 0 {
		return nil, nil, &UnknownAccessoryError{Name: strings.Join(names, ", "), Elsewhere: true}
	}
	return list, hosts, nil
}

// AccessoryNames are all accessories of the configuration, in its order.
func (e *Engine) AccessoryNames() []string {
	var out []string
	for _, a := range e.Config.Accessories {
		out = append(out, a.Name)
	}
	return out
}

// accessoriesReady resolves the secrets and reads the files that a command sends.
func (e *Engine) accessoriesReady(ctx context.Context, command string, list []*config.Accessory) error {
	if !slices.Contains([]string{"boot", "reboot", "upload"}, command) {
		return nil
	}
	var errs []error
	for _, a := range list {
		_, refs := a.Env.Resolve()
		for _, ref := range refs {
			if _, err := e.Secrets.Lookup(ctx, ref.Source); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", ref.Pos, err))
			}
		}
		for _, m := range a.Files {
			_, err := e.accessoryFile(ctx, a, m)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// accessoriesFailed says what runs after a command that failed.
func (e *Engine) accessoriesFailed(hard context.Context, f *Failure, list []*config.Accessory) {
	ctx, cancel := context.WithTimeout(hard, grace)
	defer cancel()
	f.Now = nil
	for _, a := range list {
		for _, host := range plan.AccessoryHosts(e.Selection, a) {
			f.Now = append(f.Now, host+": "+a.Name+" "+e.accessoryState(ctx, host, a))
		}
	}
	var hinted interface{ Hints() []string }
	if errors.As(f.Err, &hinted) {
		f.Try = hinted.Hints()
	}
}

func (e *Engine) accessoryState(ctx context.Context, host string, a *config.Accessory) string {
	h, err := e.host(host)
	if err != nil {
		return "is not known: never connected"
	}
	var st plan.HostState
	if err := e.observeAccessories(ctx, h, &st); err != nil {
		return fmt.Sprintf("is not known (%v)", err)
	}
	for _, c := range st.Accessories[a.Name] {
		if c.Running() {
			return "runs (" + c.Name + ")"
		}
	}
	if len(st.Accessories[a.Name]) > 0 {
		return "is stopped"
	}
	return "has no container"
}

// UnknownAccessoryError is a name that is no accessory, or one that none of the
// selected hosts has; without a name there are no accessories.
type UnknownAccessoryError struct {
	Name      string
	Options   []string
	Elsewhere bool
}

// Error has Kamal's words.
func (e *UnknownAccessoryError) Error() string {
	switch {
	case e.Name == "":
		return "no accessories are configured"
	case e.Elsewhere:
		return fmt.Sprintf("none of the selected hosts has the accessory %s", e.Name)
	case len(e.Options) == 0:
		return fmt.Sprintf("No accessory by the name of '%s'", e.Name)
	}
	return fmt.Sprintf("No accessory by the name of '%s' (options: %s)", e.Name, sentence(e.Options))
}

// ExitCode is 2: usage.
func (e *UnknownAccessoryError) ExitCode() int { return 2 }

// sentence lists as Rails does: "a", "a and b", "a, b, and c".
func sentence(list []string) string {
	switch n := len(list); n {
	case 0, 1:
		return strings.Join(list, "")
	case 2:
		return list[0] + " and " + list[1]
	default:
		return strings.Join(list[:n-1], ", ") + ", and " + list[n-1]
	}
}
