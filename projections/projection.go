package projections

import (
	"context"
	"log/slog"
	"time"

	"muster/events"
	"muster/events/rows"
	"muster/internal/clickhouse"
)

// projection turns batches into rows. apply must be repeatable: over its own
// half-done work, over its finished work, and over the work of a runner that is
// further on. It is never called twice at once.
type projection interface {
	name() string
	tables() []string // without suffix; what a rebuild makes anew and exchanges
	apply(ctx context.Context, b *batch) error
}

// env is what all projections of one run share.
type env struct {
	db      DB
	layout  clickhouse.Layout
	store   *events.Store
	catalog *events.Catalog
	codec   *rows.Codec
	log     *slog.Logger
	tables  tables
	run     string // names this run's staging rows; [A-Za-z0-9]
	limits  limits
}

// limits are when work moves from memory into staging tables. Tests lower them.
type limits struct {
	smallUpload int // rows of a complete upload that are applied from memory, folded with others
	sliceRows   int // staged rows applied by one statement
	blockBytes  int // bitmaps inserted as one block

	memoryWait time.Duration // before a segment that found too little memory is tried again; it doubles
}

func defaultLimits() limits {
	return limits{smallUpload: 20_000, sliceRows: 250_000, blockBytes: 32 << 20, memoryWait: 250 * time.Millisecond}
}

// Names of the projections, in the order in which they are listed everywhere.
const (
	Catalog   = "catalog"
	Groups    = "groups"
	Uploads   = "uploads"
	Commands  = "commands"
	Sets      = "sets"
	Users     = "users"
	Orders    = "orders"
	Campaigns = "campaigns"
	Freezes   = "freezes"
	// Deliveries reads LEDGER; all others read EVENTS.
	Deliveries = "deliveries"
)

// EventNames are the projections over EVENTS: a read that waits for a sequence waits for these.
func EventNames() []string {
	return []string{Catalog, Groups, Uploads, Commands, Sets, Users, Orders, Campaigns, Freezes}
}

// eventProjections makes those of one run, freezes left out: they are no part of a rebuild.
func eventProjections(e *env) []projection {
	return []projection{
		&catalogProjection{env: e}, &groupsProjection{env: e}, &uploadsProjection{env: e}, &commandsProjection{env: e},
		&setsProjection{env: e}, &usersProjection{env: e}, &ordersProjection{env: e}, &campaignsProjection{env: e},
	}
}

// current reads the rows that a batch may change, by key.
func current[K comparable, R any](ctx context.Context, db DB, sql string, key func(*R) K, args ...any) (map[K]*R, error) {
	var list []R
	if err := db.Select(ctx, &list, sql, args...); err != nil {
		return nil, err
	}
	out := make(map[K]*R, len(list))
	for i := range list {
		out[key(&list[i])] = &list[i]
	}
	return out, nil
}
