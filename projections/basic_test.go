package projections

import (
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/events/rows"
)

func TestUsersTagsOrdersAndGroupsBecomeRows(t *testing.T) {
	t.Parallel()
	for name, lim := range map[string]limits{
		"from memory":    {smallUpload: 1000, sliceRows: 1000, blockBytes: 1 << 20},
		"through copies": {smallUpload: 0, sliceRows: 2, blockBytes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.emit("demo", "biz", "demo", "c1", events.BizDefined{Name: "Demo", Timezone: "Asia/Shanghai"})
			b.users("demo", 2, rows.User{UserID: 1, Phone: ptr(uint64(138)), OpenID: ptr("o1"), Tags: []uint32{1, 2, 3}, HasTags: true, Attributes: map[string]string{"name": "A,\"x\""}},
				rows.User{UserID: 70_000, Tags: []uint32{11, 12}, HasTags: true}, rows.User{UserID: 1, Phone: ptr(uint64(139))})
			b.tags("demo", 2, rows.Tag{UserID: 1, TagID: 1, Remove: true}, rows.Tag{UserID: 2, TagID: 11}, rows.Tag{UserID: 1, TagID: 5}, rows.Tag{UserID: 1, TagID: 5, Remove: true})
			at := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
			b.orders("demo", 2, rows.Order{OrderID: "a", UserID: 1, ProductID: 7, Amount: "12.5", PaidAt: at, Status: "paid"},
				rows.Order{OrderID: "b", UserID: 1, ProductID: 7, Amount: "1", PaidAt: at, Status: "paid"})
			b.orders("demo", 2, rows.Order{OrderID: "a", UserID: 3, ProductID: 7, Amount: "12.5", PaidAt: at, Status: "paid"})
			b.group("demo", 9)
			b.members("demo", 9, events.OpAdd, 2, 1, 2, 70_000, 5_000_000_000)
			b.members("demo", 9, events.OpRemove, 2, 2)
			b.members("demo", 9, events.OpReplace, 2, 70_001)
			s := b.service(b.db, 0)
			s.env.limits = lim
			b.run(s)
			got := b.dump(b.db)
			for table, want := range map[string][]string{
				"users":          {"('demo',1,", ",139,'o1',{'name':'A,\"x\"'},[2,3])", "('demo',2,", "[11])", "('demo',70000,", "[11,12])"},
				"identities":     {"('demo','openid','o1',1)\n('demo','phone','139',1)\n"},
				"orders":         {"('demo',1,'b'", "('demo',3,'a'"},
				"sets":           {"('demo','group',9,1,[70001])\n", "('demo','known',0,0,[1,2,3])\n('demo','known',0,1,[70000,70001])\n('demo','known',0,76293,[5000000000])\n", "('demo','tag',2,0,[1])", "('demo','tag',11,0,[2])\n('demo','tag',11,1,[70000])"},
				"group_versions": {"'add',4,4,0)", "'remove',3,0,1)", "'replace',1,1,3)"},
				"commands":       {"'c1'", "'completed'"},
			} {
				for _, w := range want {
					if !strings.Contains(got[table], w) {
						t.Errorf("%s: want %q in\n%s", table, w, got[table])
					}
				}
			}
			if strings.Contains(got["sets"], "'tag',1,") || strings.Contains(got["sets"], "'tag',5,") {
				t.Errorf("tags that were taken away are still there:\n%s", got["sets"])
			}
			if got["sets"] != got["sets_by_shard"] {
				t.Error("the two orders of sets differ")
			}
			b.must(s.begin(t.Context()))
			for _, r := range s.events.runners {
				if r.stopped != nil || r.pos != b.last {
					t.Errorf("%s at %d of %d: %v", r.name(), r.pos, b.last, r.stopped)
				}
			}
		})
	}
}
