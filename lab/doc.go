// Package lab brings up throw-away hosts to deploy to: containers that behave as
// servers (a real OpenSSH sshd, a dockerd of their own), a registry with accounts,
// an S3 server, a small "database" that remembers migrations, jobs and workers, and
// a sample application. Tests and the programs below lab/cmd use it; the release binary
// never imports it.
//
// Laws:
//   - Everything a lab owns carries the labels hwdeploy.lab=NAME and
//     hwdeploy.lab.root=CHECKOUT; nothing without them is ever stopped or removed.
//     Labs of different names, and of different checkouts, live side by side.
//   - The network is internal: no route leads out of a lab.
//   - Host keys are read through the container engine, never off the network.
//   - Images are named by a hash of what is in them, so a warm Up builds nothing.
//
// Sources: https://docs.docker.com/reference/cli/docker/ (labels, networks),
// https://www.debian.org/releases/stable/amd64/apds03 (debootstrap),
// https://github.com/basecamp/kamal-proxy (the proxy and its image's layout).
package lab
