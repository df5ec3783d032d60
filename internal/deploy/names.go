package deploy

import (
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

func (e *Engine) app() kamal.App { return resolve.App(e.Config) }

// role gives a role by name; plans name only roles that exist.
func (e *Engine) role(name string) *config.Role { return e.Config.Role(name) }

// journal is the path of a host's journal.
func (e *Engine) journal() string { return e.app().GuardDir() + "/journal" }

func (e *Engine) image(version string) string { return e.Config.Repository() + ":" + version }
