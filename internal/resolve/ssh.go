package resolve

import (
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// SSH is what the ssh program is run with for commands at a terminal.
func SSH(c *config.Config) kamal.SSHCommand {
	s := c.SSH
	return kamal.SSHCommand{
		User: s.User, Port: s.Port, Proxy: s.Proxy, ProxyCommand: s.ProxyCommand, Keys: s.Keys,
		KeysOnly: s.KeysOnly != nil && *s.KeysOnly, ConfigFiles: s.ConfigFiles, ConfigOff: s.ConfigOff,
	}
}
