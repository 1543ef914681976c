package projections

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

const badUser = 666

// picky is a database that refuses to merge what is staged of the bad user into a table.
type picky struct {
	*clickhouse.DB
	target events.UploadTarget
}

func (p *picky) Exec(ctx context.Context, sql string, args ...any) error {
	if strings.HasPrefix(sql, "INSERT INTO "+tableOf(p.target)) {
		var bad []struct {
			N uint64 `ch:"n"`
		}
		count := fmt.Sprintf("SELECT count() AS n FROM %s WHERE run = {run:String} AND part = {part:String} AND user_id = %d", stagedTable(p.target), badUser)
		if err := p.DB.Select(ctx, &bad, count, args...); err != nil {
			return err
		}
		if bad[0].N > 0 {
			return fault.Wrap(fault.Internal, &clickhouse.ServerError{Code: 6, Name: "CANNOT_PARSE_TEXT", Message: "row of 666"}, "run a ClickHouse statement")
		}
	}
	return p.DB.Exec(ctx, sql, args...)
}

func tableOf(t events.UploadTarget) string {
	if t == events.TargetOrders {
		return "orders"
	}
	return "users"
}

// Small uploads are applied together. When one of them cannot be, those before it are, and it is the one that is named.
func TestOfSmallUploadsTheBadOneIsBlamed(t *testing.T) {
	t.Parallel()
	for target, projection := range map[events.UploadTarget]string{events.TargetUsers: Users, events.TargetTags: Users, events.TargetOrders: Orders} {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			var before uint64 // the event before the one to blame
			for i, id := range []uint64{1, 2, 3, 4, 5, badUser, 7, 8} {
				switch target {
				case events.TargetUsers:
					b.users("demo", 10, rows.User{UserID: id, Phone: ptr(id)})
				case events.TargetTags:
					b.tags("demo", 10, rows.Tag{UserID: id, TagID: 7})
				default:
					b.orders("demo", 10, rows.Order{OrderID: fmt.Sprint(i), UserID: id, ProductID: 7, Amount: "1", PaidAt: time.Unix(1_700_000_000, 0).UTC(), Status: "paid"})
				}
				if id == badUser {
					before = b.last - 1
				}
			}
			l := b.only(projection, &picky{DB: b.db, target: target}, defaultLimits(), 100)
			b.must(l.live.begin(t.Context()))
			b.must(l.run(t.Context(), b.last))
			if r := l.runners[0]; r.pos != before || r.stopped == nil {
				t.Errorf("it stands at %d, want %d: %v", r.pos, before, r.stopped)
			}
			if got := strings.Count(b.dump(b.db)[tableOf(target)], "\n"); got != 5 {
				t.Errorf("%d rows, want those of the five uploads before", got)
			}
		})
	}
}
