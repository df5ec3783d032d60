package kamal

import (
	"encoding/json"
	"fmt"
	"strings"
)

// ProxyStateFile is where the proxy keeps its services, inside its container.
const ProxyStateFile = "/home/kamal-proxy/.config/kamal-proxy/kamal-proxy.state"

// ProxyState is one service of the proxy's state file: what the proxy serves
// again after a restart.
type ProxyState struct {
	Service        string
	Hosts, Paths   []string
	TLS            bool
	Targets        []string // "short id:port"
	State          string   // running, paused or stopped, as in the list
	Message        string   // of maintenance
	Certificate    string   // paths in the proxy's container; "" = none
	PrivateKey     string
	ErrorPagesPath string
}

type stateFile struct {
	Name    string `json:"name"`
	Options struct {
		Hosts       []string `json:"hosts"`
		Paths       []string `json:"path_prefixes"`
		TLS         bool     `json:"tls_enabled"`
		Certificate string   `json:"tls_certificate_path"`
		PrivateKey  string   `json:"tls_private_key_path"`
		ErrorPages  string   `json:"error_page_path"`
	} `json:"options"`
	Targets []string `json:"active_targets"`
	Pause   struct {
		State   int    `json:"state"`
		Message string `json:"stop_message"`
	} `json:"pause_controller"`
}

// ParseProxyState reads the proxy's state file; empty text is no service. The
// proxy rewrites the file in place: a file cut short is an error, not a shorter
// list.
func ParseProxyState(text []byte) ([]ProxyState, error) {
	if strings.TrimSpace(string(text)) == "" {
		return nil, nil
	}
	var file []stateFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("read the proxy's state file: %w", err)
	}
	var out []ProxyState
	for _, s := range file {
		out = append(out, ProxyState{
			Service: s.Name, Hosts: s.Options.Hosts, Paths: s.Options.Paths, TLS: s.Options.TLS,
			Targets: s.Targets, State: pauseState(s.Pause.State), Message: s.Pause.Message,
			Certificate: s.Options.Certificate, PrivateKey: s.Options.PrivateKey, ErrorPagesPath: s.Options.ErrorPages,
		})
	}
	return out, nil
}

func pauseState(n int) string {
	names := []string{"running", "paused", "stopped"}
	if n < 0 || n >= len(names) {
		return fmt.Sprintf("state %d", n)
	}
	return names[n]
}
