package projections

import (
	"context"
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/internal/clickhouse"
)

// narrow is an engine without the memory for a segment, some times or always.
type narrow struct {
	*clickhouse.DB
	times int // how often yet
	asked int
}

func (n *narrow) Query(ctx context.Context, sql string, args ...any) (*clickhouse.Rows, error) {
	if strings.Contains(sql, "groupBitmapMergeStateIf") {
		if n.asked++; n.asked <= n.times {
			sql += " SETTINGS max_memory_usage = 1, max_untracked_memory = 1"
		}
	}
	return n.DB.Query(ctx, sql, args...)
}

// A segment that takes more memory than there is fails its campaign, with a reason for people, and holds up nobody else.
func TestASegmentTooLargeForTheEngineFailsItsCampaignOnly(t *testing.T) {
	t.Parallel()
	b := launchedAndOn(t)
	b.narrowed(1_000_000)
	if m := b.freezeMark(); m.Users != 0 || !strings.Contains(m.Error, "more memory") || strings.Contains(m.Error, "241") {
		t.Errorf("mark: %+v", m)
	}
}

// The memory that is missing may be somebody else's for the moment.
func TestASegmentIsTriedAgainBeforeItIsTooLarge(t *testing.T) {
	t.Parallel()
	b := launchedAndOn(t)
	b.narrowed(segmentTries - 1)
	if m := b.freezeMark(); m.Users != 3 || m.Error != "" {
		t.Errorf("mark: %+v", m)
	}
}

// What the engine refuses for another reason is not tried again, and its words are shown to nobody: they may quote data.
func TestARefusedSegmentFailsItsCampaignOnly(t *testing.T) {
	t.Parallel()
	b := launchedAndOn(t)
	b.must(b.db.Exec(t.Context(), "RENAME TABLE sets TO sets_elsewhere"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := b.service(b.db, 0)
	b.must(s.begin(ctx))
	l := b.only(Freezes, b.db, defaultLimits(), 0)
	l.runners[0].projection.(*freezesProjection).standing = func(uint64) string { return "" }
	b.must(l.reach(ctx, b.last))
	if m := b.freezeMark(); m.Users != 0 || !strings.Contains(m.Error, "UNKNOWN_TABLE") || strings.Contains(m.Error, "sets") {
		t.Errorf("mark: %+v", m)
	}
}

// launchedAndOn is a log with a launch, and a change of a group after it.
func launchedAndOn(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.group("demo", 9)
	b.members("demo", 9, events.OpAdd, 100, 1, 2, 3)
	tpl := events.Template{ID: "ready", Channel: "wechat", Data: map[string]string{"thing1": "x"}}
	b.emit("demo", "campaign", "31", "c1", events.CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: []byte(`{"group":9}`)})
	b.emit("demo", "campaign", "31", "c2", events.CampaignLaunched{ID: 31, Template: tpl, Where: []byte(`{"group":9}`), Timezone: "UTC", RangeSize: 2})
	b.members("demo", 9, events.OpAdd, 100, 4)
	return b
}

// narrowed projects all of it on an engine that is short of memory some times.
func (b *bench) narrowed(times int) {
	b.Helper()
	s := b.service(&narrow{DB: b.db, times: times}, 0)
	s.env.limits.memoryWait = time.Millisecond
	b.run(s)
	var versions []struct {
		Count uint64 `ch:"count"`
	}
	b.must(b.db.Select(b.Context(), &versions, "SELECT count FROM group_versions FINAL ORDER BY version"))
	if len(versions) != 2 || versions[1].Count != 4 {
		b.Errorf("what came after the launch was not applied: %+v", versions)
	}
}

type freezeMark struct {
	Users uint64 `ch:"users"`
	Error string `ch:"error"`
}

func (b *bench) freezeMark() freezeMark {
	b.Helper()
	var marks []freezeMark
	b.must(b.db.Select(b.Context(), &marks, "SELECT users, error FROM freeze_marks FINAL"))
	if len(marks) != 1 {
		b.Fatalf("marks: %+v", marks)
	}
	return marks[0]
}
