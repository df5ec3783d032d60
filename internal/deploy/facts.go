package deploy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// asJSON makes docker print one JSON object a line.
const asJSON = " --no-trunc --format '{{json .}}'"

// ContainerFact is a container on a host, as docker ps tells of it.
type ContainerFact struct {
	Host    string `json:"host"`
	Role    string `json:"role,omitempty"`
	Version string `json:"version,omitempty"`
	ID      string `json:"id"` // 64 digits
	Name    string `json:"name"`
	Image   string `json:"image"`
	Command string `json:"command"`
	State   string `json:"state"`  // "running", "exited" …
	Status  string `json:"status"` // "Up 2 hours"
	Created string `json:"created"`
	Ports   string `json:"ports,omitempty"`
}

// ImageFact is an image on a host.
type ImageFact struct {
	Host       string `json:"host"`
	ID         string `json:"id"`
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	Created    string `json:"created"`
	Size       string `json:"size"`
}

// readContainers reads what `docker ps` printed as JSON.
func readContainers(host, text string) ([]ContainerFact, error) {
	var out []ContainerFact
	err := eachJSON(text, func(line []byte) error {
		var c struct{ ID, Names, Image, Command, State, Status, CreatedAt, Ports, Labels string }
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		out = append(out, ContainerFact{
			Host: host, Role: label(c.Labels, "role"), ID: c.ID, Name: c.Names, Image: c.Image, Command: strings.Trim(c.Command, `"`),
			State: c.State, Status: c.Status, Created: c.CreatedAt, Ports: c.Ports,
		})
		return nil
	})
	return out, err
}

func readImages(host, text string) ([]any, error) {
	var out []any
	err := eachJSON(text, func(line []byte) error {
		var i struct{ ID, Repository, Tag, CreatedAt, Size string }
		err := json.Unmarshal(line, &i)
		out = append(out, ImageFact{Host: host, ID: i.ID, Repository: i.Repository, Tag: i.Tag, Created: i.CreatedAt, Size: i.Size})
		return err
	})
	return out, err
}

func eachJSON(text string, read func([]byte) error) error {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := read([]byte(line)); err != nil {
			return fmt.Errorf("docker printed %q: %w", strings.TrimSpace(line), err)
		}
	}
	return nil
}

// label finds a label in docker's list "a=b,c=d".
func label(list, name string) string {
	for _, l := range strings.Split(list, ",") {
		if v, ok := strings.CutPrefix(l, name+"="); ok {
			return v
		}
	}
	return ""
}
