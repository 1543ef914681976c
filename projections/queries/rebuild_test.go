package queries

import (
	"context"
	"math/rand/v2"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
	"muster/internal/fault"
)

// Answers before, while and after tables are exchanged are the same.
func TestReadsWhileTablesAreExchanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := spread(5)
	w.group("b", 7, 5, "seven", "ids", "ready", 1)
	w.version("b", 7, 1, 5, uint64(len(users)))
	w.set("b", "group", 7, 5, users...)
	b := w.play("b", 11, users, 20, rand.New(rand.NewPCG(1, 2)))
	tables := []string{"sets", "sets_by_shard", "groups", "group_versions", "campaigns", "audiences", "deliveries"}
	again := func() {
		for _, table := range tables {
			w.must(w.db.CreateLike(context.Background(), clickhouse.Layout{}, table+"__rebuild", table))
			w.must(w.db.AttachFrom(context.Background(), table+"__rebuild", table))
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Second)
	defer stop()
	var all errgroup.Group
	all.Go(func() error {
		for ctx.Err() == nil {
			again()
			for _, table := range tables {
				w.must(w.db.Exchange(context.Background(), clickhouse.Layout{}, table, table+"__rebuild"))
			}
		}
		return nil
	})
	want, _ := b.report()
	n := 0
	for ; ctx.Err() == nil; n++ {
		g, err := w.q.Group(t.Context(), "b", 7)
		if err != nil || g.Count != uint64(len(users)) {
			t.Errorf("group %+v, %v", g, err)
		}
		page, err := w.q.MemberPage(t.Context(), "b", 7, 0, MaxPage)
		if err != nil || !slices.Equal(page, users) {
			t.Errorf("%d members, %v", len(page), err)
		}
		in, err := w.q.IsMember(t.Context(), "b", 7, users[9])
		if err != nil || !in {
			t.Errorf("member %v, %v", in, err)
		}
		report, err := w.q.Report(t.Context(), "b", 11)
		if err != nil || report.Books != want {
			t.Errorf("report %+v, want %+v, %v", report, want, err)
		}
		list, err := w.q.Recipients(t.Context(), RecipientList{Biz: "b", Campaign: 11, Status: "sent", Limit: MaxPage})
		if err != nil || uint64(len(list)) != want.Sent {
			t.Errorf("%d were sent to, want %d, %v", len(list), want.Sent, err)
		}
	}
	w.must(all.Wait())
	t.Logf("%d rounds of reads", n)
}

func TestEngineAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	engine, err := url.Parse(chtest.DSN(t))
	w.must(err)
	door := httptest.NewServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: engine.Host}))
	db, err := clickhouse.Open(t.Context(), door.URL+"/"+w.db.Name())
	w.must(err)
	defer func() { _ = db.Close() }()
	q := newQueries(t, Options{DB: db})
	if _, err := q.Group(t.Context(), "b", 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("before: %v", err)
	}
	door.CloseClientConnections()
	door.Close()
	_, err1 := q.Group(t.Context(), "b", 1)
	_, err2 := q.MemberPage(t.Context(), "b", 1, 0, 1)
	_, err3 := q.Report(t.Context(), "b", 1)
	_, err4 := q.Position(t.Context())
	_, err5 := q.SegmentCount(t.Context(), Segment{Biz: "b", Node: parse(t, "group(1)"), Zone: time.UTC})
	for i, err := range []error{err1, err2, err3, err4, err5, q.WaitFor(t.Context(), 1)} {
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%d: %v", i, err)
		}
	}
}
