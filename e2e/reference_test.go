package e2e

import (
	"os"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab"
)

// The reference project is built, pushed and pulled with both builders.
func TestTheReferenceProjectIsDelivered(t *testing.T) {
	for _, driver := range []string{"docker-container", "docker"} {
		t.Run(driver, func(t *testing.T) {
			o := lab.ProjectOptions{
				Files: map[string]string{"config/deploy.yml": referenceYML(t)},
				Overlay: "servers: {web: {hosts: [lab-1]}, sidekiq: {hosts: [lab-1]}}\n" +
					"registry: {server: \"" + theLab.Registry.Addr + "\", username: lab}\n" +
					"builder: {driver: " + driver + ", remote: ssh://root@lab-3, arch: " + arch() + "}\n" +
					"ssh: {user: root, config: [" + theLab.SSHConfig + "]}\n" +
					"x-hwdeploy: {insecure_registry: true, assets: false, sourcemaps: false, edge: false}\n",
			}
			w := beginBuild(t, o)
			v := w.revision()
			w.must("build", "deliver", "-d", "lab")
			image := theLab.Registry.Addr + "/warmlyyours/heatwave:" + v
			if label := w.on("lab-1", "docker image inspect --format '{{.Config.Labels.service}}' "+image); label != "heatwave" {
				t.Errorf("the label says %q", label)
			}
			w.contains(w.must("build", "deliver", "-d", "lab"), "the registry has it")
		})
	}
}

func referenceYML(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../config/deploy.yml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
