package queries

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go"

	"muster/events"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/fault"
)

// Options make Queries. DB is required.
type Options struct {
	DB    *clickhouse.DB
	Store *events.Store // for what only the log keeps: unmatched phones
	// NATS brings the news that projections have moved on; nil: positions are polled.
	// It must not be the connection of a projections.Service: what a connection
	// publishes itself does not come back to it.
	NATS *nats.Conn
	Log  *slog.Logger
	Poll time.Duration // how often the positions are read while someone waits; default 500 ms
}

// Queries reads the read model. It is safe for concurrent use.
type Queries struct {
	db    *clickhouse.DB
	store *events.Store
	codec *rows.Codec
	wait  *waiter
}

// New makes Queries; Close ends them.
func New(opt Options) (*Queries, error) {
	if opt.DB == nil {
		return nil, fault.New(fault.Internal, "queries need a database")
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Poll == 0 {
		opt.Poll = 500 * time.Millisecond
	}
	codec, err := rows.NewCodec()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "row codec")
	}
	w, err := newWaiter(opt)
	if err != nil {
		return nil, err
	}
	return &Queries{db: opt.DB, store: opt.Store, codec: codec, wait: w}, nil
}

// Close stops listening for positions. Reads still work.
func (q *Queries) Close() { q.wait.close() }

const (
	shardBits = 16
	// maxInList bounds a list in one statement. Over HTTP it is part of the URL, and a
	// server takes 128 KiB for one parameter: 5,000 times up to 23 characters.
	maxInList = 5000
	// MaxPage is the most rows of one page.
	MaxPage = 10_000
)

func named(name string, value any) any { return clickhouse.Named(name, value) }

// page bounds a limit: 100 unless given.
func page(limit int) uint64 {
	if limit <= 0 {
		return 100
	}
	return uint64(min(limit, MaxPage))
}

// fill puts a constant piece of SQL into another.
func fill(sql, part string) string { return strings.Replace(sql, "%s", part, 1) }

func tooMany(n int) error {
	return fault.New(fault.TooLarge, "%d are too many at once; %d are allowed", n, MaxPage)
}

// exists is nil when a statement gives a row, and missing when it gives none.
func (q *Queries) exists(ctx context.Context, missing *fault.Error, sql string, args ...any) error {
	n := 0
	if err := q.each(ctx, sql, args, func(*clickhouse.Rows) error { n++; return nil }); err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	return nil
}

// exchanged says whether a statement met a table in the moment a rebuild put another
// in its place.
func exchanged(err error) bool {
	const tableIsDropped = 218
	return clickhouse.IsCode(err, clickhouse.CodeUnknownTable, tableIsDropped)
}

// selectAll reads every row of a statement.
func selectAll[T any](ctx context.Context, q *Queries, sql string, args ...any) ([]T, error) {
	out := []T{}
	err := q.db.Select(ctx, &out, sql, args...)
	if exchanged(err) {
		out = []T{}
		err = q.db.Select(ctx, &out, sql, args...)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// selectOne reads the only row; fault.NotFound, with the message given, when there is none.
func selectOne[T any](ctx context.Context, q *Queries, missing *fault.Error, sql string, args ...any) (*T, error) {
	all, err := selectAll[T](ctx, q, sql, args...)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, missing
	}
	return &all[0], nil
}

// each calls fn for every row.
func (q *Queries) each(ctx context.Context, sql string, args []any, fn func(*clickhouse.Rows) error) error {
	n, err := q.rows(ctx, sql, args, fn)
	if n == 0 && exchanged(err) {
		_, err = q.rows(ctx, sql, args, fn)
	}
	return err
}

// rows is one attempt of each; n is how many rows fn was given.
func (q *Queries) rows(ctx context.Context, sql string, args []any, fn func(*clickhouse.Rows) error) (n int, err error) {
	rows, err := q.db.Query(ctx, sql, args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for ; rows.Next(); n++ {
		if err := fn(rows); err != nil {
			return n + 1, err
		}
	}
	return n, rows.Err()
}

// eachBitmap calls fn for rows of shard and state.
func (q *Queries) eachBitmap(ctx context.Context, sql string, args []any, fn func(shard uint64, members *roaring64.Bitmap) error) error {
	return q.each(ctx, sql, args, func(r *clickhouse.Rows) error {
		var shard uint64
		var state string
		if err := r.Scan(&shard, &state); err != nil {
			return err
		}
		bm, err := bitmapstate.Decode([]byte(state))
		if err != nil {
			return err
		}
		return fn(shard, bm)
	})
}

// chunked calls fn with pieces of at most n.
func chunked[T any](list []T, n int, fn func([]T) error) error {
	for len(list) > 0 {
		k := min(n, len(list))
		if err := fn(list[:k]); err != nil {
			return err
		}
		list = list[k:]
	}
	return nil
}
