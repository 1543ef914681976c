package projections

import (
	"context"
	"strings"
	"testing"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// narrow is an engine without the memory for any segment.
type narrow struct{ *clickhouse.DB }

func (n *narrow) Query(ctx context.Context, sql string, args ...any) (*clickhouse.Rows, error) {
	if strings.Contains(sql, "groupBitmapMergeStateIf") {
		return nil, &fault.Error{Code: fault.Internal, Msg: "query ClickHouse",
			Err: &clickhouse.ServerError{Code: clickhouse.CodeMemoryLimit, Name: "MEMORY_LIMIT_EXCEEDED"}}
	}
	return n.DB.Query(ctx, sql, args...)
}

// A segment that the engine refuses fails its campaign and holds up nobody else.
func TestARefusedSegmentFailsItsCampaignOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.group("demo", 9)
	b.members("demo", 9, events.OpAdd, 100, 1, 2, 3)
	tpl := events.Template{ID: "ready", Channel: "wechat", Data: map[string]string{"thing1": "x"}}
	b.emit("demo", "campaign", "31", "c1", events.CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: []byte(`{"group":9}`)})
	b.emit("demo", "campaign", "31", "c2", events.CampaignLaunched{ID: 31, Template: tpl, Where: []byte(`{"group":9}`), Timezone: "UTC", RangeSize: 2})
	b.members("demo", 9, events.OpAdd, 100, 4)
	b.run(b.service(&narrow{b.db}, 0))

	var marks []struct {
		Users uint64 `ch:"users"`
		Error string `ch:"error"`
	}
	b.must(b.db.Select(t.Context(), &marks, "SELECT users, error FROM freeze_marks FINAL"))
	if len(marks) != 1 || marks[0].Users != 0 || !strings.Contains(marks[0].Error, "MEMORY_LIMIT_EXCEEDED") {
		t.Errorf("marks: %+v", marks)
	}
	var versions []struct {
		Count uint64 `ch:"count"`
	}
	b.must(b.db.Select(t.Context(), &versions, "SELECT count FROM group_versions FINAL ORDER BY version"))
	if len(versions) != 2 || versions[1].Count != 4 {
		t.Errorf("what came after the launch was not applied: %+v", versions)
	}
}
