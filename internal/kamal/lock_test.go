package kamal

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 31, 11, 0, 0, 500, time.FixedZone("", 3600))

// The lock's lines are run by a real shell, in both directions.
func TestLockThroughShell(t *testing.T) {
	dir := t.TempDir()
	app := App{"shop", "stage"}
	text := `Migrating "by hand" $HOME ` + strings.Repeat("ü", 60)
	details := EncodeLock(LockInfo{By: "Ann", At: noon, Version: "v1", Message: text})
	for l := range strings.Lines(details) {
		if len(strings.TrimSuffix(l, "\n")) > 60 {
			t.Errorf("line longer than 60: %s", l)
		}
	}
	shell(t, dir, "mkdir -p "+RunDir, true)
	shell(t, dir, app.LockLine(details), true)
	shell(t, dir, app.LockLine(details), false)
	want := "Locked by: Ann at 2026-01-31T10:00:00Z\nVersion: v1\nMessage: " + text
	is(t, want, shell(t, dir, "base64 -d <.kamal/lock-shop-stage/details", true))
	file, err := os.ReadFile(filepath.Join(dir, ".kamal/lock-shop-stage/details"))
	if err != nil {
		t.Fatal(err)
	}
	if string(file) != details+"\n" {
		t.Errorf("details are %q, and the newline of echo", file)
	}
	is(t, want, DecodeLock(string(file)).Text)
}

func shell(t *testing.T, dir, line string, good bool) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, "/bin/sh", "-c", line)
	c.Dir = dir
	c.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	out, err := c.CombinedOutput()
	if (err == nil) != good {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
	return string(out)
}

func TestLock(t *testing.T) {
	automatic := DecodeLock(EncodeLock(LockInfo{By: "Ann", At: noon, Version: "v1"}))
	if !automatic.Automatic() || !strings.HasSuffix(automatic.Text, "\nMessage: Automatic deploy lock") {
		t.Errorf("%q", automatic.Text)
	}
	if DecodeLock("no base64!").Automatic() || DecodeLock("").Automatic() || DecodeLock("no base64!").Text != "no base64!" {
		t.Error("what is not Base64 is taken as it is, and is not automatic")
	}
}

func TestAudit(t *testing.T) {
	entry := AuditEntry{At: noon, Performer: "ann@example.test", Message: `Executed cmd 'echo "$X"' on app`}
	is(t, "mkdir -p .kamal && echo \"[2026-01-31T10:00:00Z] [ann@example.test] Executed cmd 'echo \\\"\\$X\\\"' on app\" >> .kamal/shop-audit.log", App{"shop", ""}.Audit(entry))
	entry.Role = "web"
	dir := t.TempDir()
	shell(t, dir, App{"shop", "stage"}.Audit(entry), true)
	is(t, "[2026-01-31T10:00:00Z] [ann@example.test] [stage] [web] "+entry.Message+"\n", shell(t, dir, "cat .kamal/shop-stage-audit.log", true))
}

func TestHookEnv(t *testing.T) {
	all := HookInfo{
		At: noon, Performer: "ann", Service: "shop", Destination: "stage", Version: "0123456789", Hosts: []string{"a", "b"}, Roles: "web",
		Locked: true, Command: "app", Subcommand: "boot", Runtime: "19",
	}
	is(t, "KAMAL_RECORDED_AT=2026-01-31T10:00:00Z KAMAL_PERFORMER=ann KAMAL_VERSION=0123456789 KAMAL_SERVICE_VERSION=shop@0123456 KAMAL_SERVICE=shop "+
		"KAMAL_HOSTS=a,b KAMAL_COMMAND=app KAMAL_LOCK=true KAMAL_DESTINATION=stage KAMAL_SUBCOMMAND=boot KAMAL_ROLES=web KAMAL_RUNTIME=19", strings.Join(HookEnv(all), " "))
	few := HookInfo{At: noon, Performer: "ann", Service: "shop", Version: "v1", Hosts: []string{"a"}, Command: "deploy"}
	is(t, "KAMAL_RECORDED_AT=2026-01-31T10:00:00Z KAMAL_PERFORMER=ann KAMAL_VERSION=v1 KAMAL_SERVICE_VERSION=shop@v1 KAMAL_SERVICE=shop "+
		"KAMAL_HOSTS=a KAMAL_COMMAND=deploy KAMAL_LOCK=false", strings.Join(HookEnv(few), " "))
	secrets := ""
	for _, name := range HookNames() {
		if HookGetsSecrets(name) {
			secrets += name + " "
		}
	}
	is(t, "pre-connect pre-deploy post-deploy ", secrets)
}

func TestLockParts(t *testing.T) {
	by, at, version, message := DecodeLock(EncodeLock(LockInfo{By: "Bob at Home", At: time.Unix(0, 0), Version: "v1", Message: "two\nlines"})).Parts()
	is(t, "Bob at Home|1970-01-01T00:00:00Z|v1|two\nlines", strings.Join([]string{by, at, version, message}, "|"))
	by, at, version, message = Lock{}.Parts()
	is(t, "|||", strings.Join([]string{by, at, version, message}, "|"))
}

func TestParseAudit(t *testing.T) {
	app := App{"shop", "stage"}
	line := app.AuditText(AuditEntry{At: time.Unix(0, 0), Performer: "bob@example.com", Role: "web", Message: "Executed cmd '[ 1 ] x' on app version v1"})
	at, performer, tags, message, ok := SplitAudit(line)
	is(t, "1970-01-01T00:00:00Z|bob@example.com|stage,web|Executed cmd '[ 1 ] x' on app version v1", strings.Join([]string{at, performer, strings.Join(tags, ","), message}, "|"))
	if _, _, _, message, no := SplitAudit("half a li"); !ok || no || message != "half a li" {
		t.Errorf("ok %v, and %q %v", ok, message, no)
	}
}
