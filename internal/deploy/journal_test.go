package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

const journalOfA = `2026-05-01T10:00:00Z r1 started boot=x
2026-05-01T10:00:00Z r1 run deploy v1 ann@example.com
2026-05-01T10:00:20Z r1 migrated v1 shop-exec-v1-1
2026-05-01T10:01:00Z r1 result ok
2026-05-01T10:01:00Z r1 ended
2026-05-02T10:00:00Z r2 started boot=x
2026-05-02T10:00:00Z r2 run deploy v2 ann@example.com
2026-05-02T10:00:05Z r2 migrated v2 shop-exec-v2-1
2026-05-02T10:00:07Z r2 quiet w1
2026-05-02T10:00:07Z r2 quiet w2
2026-05-02T10:00:09Z r2 resumed w1
2026-05-02T10:00:50Z r2 interrupted
2026-05-03T10:00:00Z r3 started boot=x
2026-05-03T10:00:00Z r3 run rollback v1 ben@example.com
nonsense
2026-05-03T10:00:03Z r3 boot shop-web-v1
2026-05-03T10:00:04Z r4 started boot=x
2026-05-03T10:00:05Z r4 ended
`

const auditOfA = `[2026-05-01T10:00:02Z] [ann@example.com] [web] Booted app version v1
[2026-04-01T09:00:00Z] [cy@example.com] [web] Booted app version v0
[2026-04-01T09:04:00Z] [cy@example.com] [sidekiq] Booted app version v0
[2026-04-01T12:00:00Z] [cy@example.com] [web] Booted app version v0
[2026-04-01T12:05:00Z] [cy@example.com] [sidekiq] Executed cmd 'bin/rails db:migrate' on app version v0
[2026-05-02T10:00:02Z] [ann@example.com] [sidekiq] Executed cmd 'bin/rails db:migrate' on app version v2
not an entry
`

func past(alive string) []*Past {
	e := map[string]string{"a": journalOfA, "b": strings.ReplaceAll(journalOfA, "r2 interrupted", "r2 x")}
	ours := readJournals(e, map[string]string{"a": alive})
	runs := append(ours, kamalRuns(kamal.App{Service: "shop"}, "bin/rails db:migrate", map[string]string{"a": auditOfA, "b": ""}, ours)...)
	newestFirst(runs)
	return runs
}

func TestHistoryIsReadFromJournalsAndAuditLogs(t *testing.T) {
	var got []string
	for _, p := range past("r3") {
		got = append(got, fmt.Sprintf("%s %s%s %s %s by %s: %s on %s, %d migrates", p.Began.Format("01-02 15:04"), p.Tool, p.ID, p.Command, p.Version, p.By, p.Result, p.Hosts, len(p.Migrates)))
	}
	want := []string{
		"05-03 10:00 hwdeployr3 rollback v1 by ben@example.com: running on [a b], 0 migrates",
		"05-02 10:00 hwdeployr2 deploy v2 by ann@example.com: interrupted on [a b], 2 migrates",
		"05-01 10:00 hwdeployr1 deploy v1 by ann@example.com: ok on [a b], 2 migrates",
		"04-01 12:05 kamal migrate v0 by cy@example.com:  on [a], 1 migrates",
		"04-01 12:00 kamal boot v0 by cy@example.com:  on [a], 0 migrates",
		"04-01 09:00 kamal boot v0 by cy@example.com:  on [a], 0 migrates",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p := past(""); p[0].Result != "cut" {
		t.Errorf("a run without end: %s", p[0].Result)
	}
}

// Commands are of one word or two, and some have no version.
func TestTheWordsOfARun(t *testing.T) {
	for line, want := range map[string][3]string{
		"deploy v1 ann@example.com":   {"deploy", "v1", "ann@example.com"},
		"app stop v1 ann@example.com": {"app stop", "v1", "ann@example.com"},
		"recover  ann@example.com":    {"recover", "", "ann@example.com"},
		"proxy reboot  ann":           {"proxy reboot", "", "ann"},
	} {
		p := readJournals(map[string]string{"a": "2026-05-01T10:00:00Z r1 run " + line + "\n"}, nil)
		if len(p) != 1 || [3]string{p[0].Command, p[0].Version, p[0].By} != want {
			t.Errorf("%s: %+v", line, p)
		}
	}
}

// A version whose every rollout failed never served; what was cut off may have.
func TestNeverLive(t *testing.T) {
	of := func(command, version, result string) *Past {
		return &Past{Command: command, Version: version, Result: result}
	}
	got := neverLive([]*Past{
		of("deploy", "v6", "cut"), of("app stop", "v5", "failed"), of("deploy", "v4", "cancelled"), of("redeploy", "v3", "failed"),
		of("deploy", "v2", "failed"), of("deploy", "v2", "ok"), of("boot", "v1", "ok"), of("rollback", "v3", "failed"),
	})
	if slices.Sort(got); !slices.Equal(got, []string{"v3", "v4"}) {
		t.Errorf("got %v", got)
	}
}

func TestMigratesSinceAVersion(t *testing.T) {
	runs := past("")
	// The rollback to v1 did not come through.
	for _, result := range []string{"failed", "cancelled", "cut", "interrupted", "person"} {
		runs[0].Result = result
		if got := migratesSince(runs, "v1"); len(got) != 2 || got[0].Version != "v2" {
			t.Errorf("a rollback to v1 that ended as %s: %v", result, got)
		}
	}
	stopped := &Past{Tool: "hwdeploy", Command: "app stop", Version: "v1", Result: "ok", Began: runs[0].Began}
	if got := migratesSince(append(runs, stopped), "v1"); len(got) != 2 {
		t.Errorf("app stop from a checkout of v1 counts as its boot: %v", got)
	}
	runs[0].Result = "failed" // the rollback to v1 changed nothing
	for version, want := range map[string]string{"v1": "v2", "v2": "", "v0": "v1 v2"} {
		var got []string
		for _, m := range migratesSince(runs, version) {
			got = append(got, m.Version)
		}
		if text := strings.Join(slices.Compact(got), " "); text != want {
			t.Errorf("since %s: %q, wanted %q", version, text, want)
		}
	}
}
