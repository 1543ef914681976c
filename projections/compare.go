package projections

import (
	"context"
	"fmt"
	"strings"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// comparison says how a live table and its rebuilt one are compared. Sequences are
// left out: they say when, not what. So are rows that only hide others.
type comparison struct {
	bucket string // hash that decides in which bucket a row is compared
	print  string // hash of all that must be equal
	where  string
	exact  string // SELECT differing rows, rows of the new one, FROM %s (of both tables) GROUP BY
	cols   string // what exact needs of each row
	most   uint64 // rows compared exactly at a time
}

func comparisonOf(table string) comparison {
	switch table {
	case "sets", "sets_by_shard":
		return ofBitmaps("biz, kind, set_id, shard")
	case "audiences":
		return ofBitmaps("biz, campaign_id, range")
	case "deliveries":
		return ofBitmaps("biz, campaign_id, range, seq, part, status, code")
	case "identities":
		return ofRows("(biz, kind, value, user_id)", "live = 1")
	case "orders":
		return ofRows("tuple(* EXCEPT (seq))", "status != 'moved'")
	default:
		return ofRows("tuple(* EXCEPT (seq))", "1")
	}
}

// ofBitmaps: the same key twice, with the same users, cancels out. Equal users may be
// written in different bytes, which the exact comparison forgives.
func ofBitmaps(key string) comparison {
	return comparison{bucket: "cityHash64(" + key + ")", print: "cityHash64(" + key + ", CAST(members AS String))", where: "1",
		cols: key + ", members", most: 100_000,
		exact: "SELECT countIf(x > 0), sum(anew) FROM (SELECT groupBitmapXor(members) AS x, max(n) AS anew FROM (%s) GROUP BY " + key + ")"}
}

// ofRows: a row that is in both cancels out.
func ofRows(what, where string) comparison {
	hash := "cityHash64(toString(" + what + "))"
	return comparison{bucket: hash, print: hash, where: where, cols: hash + " AS h", most: 1_000_000,
		exact: "SELECT countIf(x != 0), countIf(anew > 0) FROM (SELECT sum(if(n = 1, 1, -1)) AS x, max(n) AS anew FROM (%s) GROUP BY h)"}
}

// buckets is in how many parts a table is compared.
const buckets = 4096

// compare counts the rows by which a live table and its rebuilt one differ. Both are
// reduced to one fingerprint per bucket, which takes the same memory for any number of
// rows; only the buckets that differ are then compared row by row, few at a time.
func (e *env) compare(ctx context.Context, table string) (TableReport, error) {
	out := TableReport{Table: table}
	c := comparisonOf(table)
	var groups [][]uint64 // of buckets that differ
	var held uint64
	err := eachRow(ctx, e.db, c.fingerprints(table), nil, func(r *clickhouse.Rows) error {
		var bucket, rows, most uint64
		var equal bool
		if err := r.Scan(&bucket, &rows, &most, &equal); err != nil || equal {
			out.Rows += rows
			return err
		}
		if held += most; len(groups) == 0 || held > c.most {
			groups, held = append(groups, nil), most
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], bucket)
		return nil
	})
	for _, g := range groups {
		if err == nil {
			err = eachRow(ctx, e.db, c.differing(table, g), nil, func(r *clickhouse.Rows) error {
				var differing, rows uint64
				err := r.Scan(&differing, &rows)
				out.Differing, out.Rows = out.Differing+differing, out.Rows+rows
				return err
			})
		}
	}
	return out, err
}

// both selects from the live table (n = 0) and the rebuilt one (n = 1).
func (c comparison) both(table, cols, and string) string {
	var s []string
	for n, t := range []string{table, table + rebuildSuffix} {
		s = append(s, fmt.Sprintf("SELECT %s, toUInt64(%d) AS n FROM %s FINAL WHERE %s%s", cols, n, t, c.where, and))
	}
	return strings.Join(s, " UNION ALL ")
}

func (c comparison) fingerprints(table string) string {
	return fmt.Sprintf("SELECT b, countIf(n = 1), greatest(countIf(n = 1), countIf(n = 0)),"+
		" countIf(n = 1) = countIf(n = 0) AND sumIf(p, n = 1) = sumIf(p, n = 0) AND groupBitXor(p) = 0"+
		" FROM (%s) GROUP BY b ORDER BY b", c.both(table, fmt.Sprintf("toUInt64(%s %% %d) AS b, %s AS p", c.bucket, buckets, c.print), ""))
}

func (c comparison) differing(table string, of []uint64) string {
	return fmt.Sprintf(c.exact, c.both(table, c.cols, fmt.Sprintf(" AND %s %% %d IN (%s)", c.bucket, buckets, strings.ReplaceAll(strings.Trim(fmt.Sprint(of), "[]"), " ", ", "))))
}

// dropLeftovers drops what rebuilds and runs that died have left behind. A copy bears its run's name: it stays while
// the service of that name is there, and for a while when it is not.
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
	// Somebody else's rebuild is no leftover, and who exchanges tables waits for nobody who comes now.
	rebuilding, exchanging, err := s.census(ctx)
	if err != nil {
		return err
	}
	if exchanging {
		return fault.New(fault.Unavailable, "another service exchanges tables that it has rebuilt")
	}
	alive := s.peers.alive()
	for _, t := range list {
		of, run, _ := strings.Cut(t.Name, "__copy_")
		left := !alive[run] && t.Age >= int64(s.peers.leftover/time.Second)
		if strings.HasSuffix(of, rebuildSuffix) { // a rebuild's table, or a copy beside it
			left = !rebuilding
		}
		if left {
			if err := s.env.db.DropTable(ctx, s.env.layout, t.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
