package projections

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// Why a projection stands still is shown to every viewer: the engine's own words, which quote what it could not take,
// are neither in the table, nor announced, nor logged.
func TestWhatStopsAProjectionQuotesNoData(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.orders("demo", 1, rows.Order{OrderID: "a", UserID: 1, ProductID: 7, Amount: "13800001111x", PaidAt: time.Unix(1_700_000_000, 0), Status: "paid"})
	s := b.service(b.db, 0)
	var logged bytes.Buffer
	s.env.log = slog.New(slog.NewTextHandler(&logged, nil))
	b.must(s.begin(t.Context()))
	if err := s.events.reach(t.Context(), b.last); err == nil {
		t.Fatal("the engine takes an amount that is none")
	}
	var faults []faultRow
	b.must(b.db.Select(t.Context(), &faults, "SELECT projection, rev, seq, error, cleared, at FROM faults FINAL"))
	if len(faults) != 1 || faults[0].Projection != Orders || !strings.Contains(faults[0].Error, "cannot apply event") || !strings.Contains(faults[0].Error, "ClickHouse code") {
		t.Fatalf("faults: %+v", faults)
	}
	for where, text := range map[string]string{"the table": faults[0].Error, "the announcement": s.State()[Orders].Stopped, "the log": logged.String()} {
		if text == "" || strings.Contains(text, "13800001111") {
			t.Errorf("%s says %q", where, text)
		}
	}
}

// fixed is a database whose table of positions cannot be written, for good.
type fixed struct{ *clickhouse.DB }

func (f fixed) PrepareBatch(ctx context.Context, insert string) (clickhouse.Batch, error) {
	if strings.Contains(insert, "positions") {
		return nil, fault.Wrap(fault.Internal, &clickhouse.ServerError{Code: 164, Name: "READONLY"}, "insert into ClickHouse")
	}
	return f.DB.PrepareBatch(ctx, insert)
}

// A log is called damaged only when it is.
func TestPositionsThatCannotBeStoredAreNoDamagedLog(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.group("demo", 9)
	s := b.service(fixed{b.db}, 0)
	var logged bytes.Buffer
	s.env.log = slog.New(slog.NewTextHandler(&logged, nil))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b.must(s.begin(ctx))
	err := s.keep(ctx, s.events)
	if err == nil || errors.Is(err, context.DeadlineExceeded) || fault.Is(err, fault.Corrupt) {
		t.Errorf("keep: %v", err)
	}
	if text := logged.String(); strings.Contains(text, "damaged") || !strings.Contains(text, "cannot store") || !strings.Contains(text, events.StreamEvents) {
		t.Errorf("logged %s", text)
	}
}
