// Package e2e holds scenarios: the real binary against the lab's real parts.
// Each states one duty in one sentence, does it, and looks at containers, proxy,
// files and answers on the hosts, not at hwdeploy's own words.
//
// The tests need root and Debian, or a Docker Engine that answers: the lab
// installs the rest. They run one after another on one lab, whose hosts are made
// as new before each; `make e2e` runs each half of them on a lab of its own.
package e2e
