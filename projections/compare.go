package projections

import (
	"context"
	"time"

	"muster/internal/clickhouse"
)

// compare counts the rows by which a live table and its rebuilt one differ. Sequences
// are left out: they say when, not what. So are rows that only hide others.
func (e *env) compare(ctx context.Context, table string) (TableReport, error) {
	out := TableReport{Table: table}
	var sql string
	switch table {
	case "sets", "sets_by_shard":
		sql = bitmapsDiffer(table, "biz, kind, set_id, shard")
	case "audiences":
		sql = bitmapsDiffer(table, "biz, campaign_id, range")
	case "deliveries":
		sql = bitmapsDiffer(table, "biz, campaign_id, range, seq, part, status, code")
	case "identities":
		sql = rowsDiffer(table, "(biz, kind, value, user_id)", "live = 1")
	case "orders":
		sql = rowsDiffer(table, "tuple(* EXCEPT (seq))", "status != 'moved'")
	default:
		sql = rowsDiffer(table, "tuple(* EXCEPT (seq))", "1")
	}
	return out, eachRow(ctx, e.db, sql, nil, func(r *clickhouse.Rows) error { return r.Scan(&out.Differing, &out.Rows) })
}

// bitmapsDiffer: the same key twice, with the same users, cancels out.
func bitmapsDiffer(table, key string) string {
	return "SELECT countIf(x > 0), sum(anew) FROM (SELECT groupBitmapXor(members) AS x, max(n) AS anew FROM (" +
		"SELECT " + key + ", members, toUInt64(0) AS n FROM " + table + " FINAL UNION ALL " +
		"SELECT " + key + ", members, toUInt64(1) AS n FROM " + table + rebuildSuffix + " FINAL) GROUP BY " + key + ")"
}

// rowsDiffer: a row that is in both an even number of times cancels out.
func rowsDiffer(table, what, where string) string {
	hash := "cityHash64(toString(" + what + ")) AS h"
	return "SELECT countIf(x != 0), countIf(anew) FROM (SELECT sum(n) AS x, max(n) > 0 AS anew FROM (" +
		"SELECT " + hash + ", toInt8(-1) AS n FROM " + table + " FINAL WHERE " + where + " UNION ALL " +
		"SELECT " + hash + ", toInt8(1) AS n FROM " + table + rebuildSuffix + " FINAL WHERE " + where + ") GROUP BY h)"
}

// oldCopy is how old a copy must be to be taken for a leftover of a run that died.
const oldCopy = time.Hour

// dropLeftovers drops what rebuilds and runs that died have left behind.
func (s *Service) dropLeftovers(ctx context.Context) error {
	type table struct {
		Name string `ch:"name"`
		Age  int64  `ch:"age"`
	}
	var list []table
	if err := s.env.db.Select(ctx, &list, "SELECT name, toInt64(dateDiff('second', metadata_modification_time, now())) AS age FROM system.tables"+
		" WHERE database = currentDatabase() AND (endsWith(name, '"+rebuildSuffix+"') OR position(name, '__copy_') > 0)"); err != nil {
		return err
	}
	if len(list) == 0 {
		return nil
	}
	// Somebody else's rebuild is no leftover.
	ask, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := s.opt.JS.Conn().RequestWithContext(ask, subjectRunning, []byte(`{"runner":"new"}`))
	busy := err == nil
	for _, t := range list {
		if t.Age > int64(oldCopy/time.Second) || !busy && len(t.Name) > len(rebuildSuffix) && t.Name[len(t.Name)-len(rebuildSuffix):] == rebuildSuffix {
			if err := s.env.db.DropTable(ctx, s.env.layout, t.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
