package sends_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/events/natstest"
	"muster/sends/ledger"
)

// BenchmarkLedger claims and settles ranges of 10,000 users, without a provider, in a log that syncs every write;
// and beside it a bare publish of as many bytes, twice per batch. ADR 8 says what came out.
func BenchmarkLedger(b *testing.B) {
	const users = 10_000
	for _, size := range []int{1, 50, 500, 5000} {
		for _, step := range []uint64{1, 37} { // neighbours, or far apart
			b.Run(fmt.Sprintf("batch=%d/step=%d", size, step), func(b *testing.B) {
				n := natstest.New(b)
				ctx := b.Context()
				var took, reload, bare time.Duration
				var bytes int
				for i := range b.N {
					all := roaring64.New()
					for u := range uint64(users) {
						all.Add(1_000_000 + u*step)
					}
					subject := events.LedgerSubject("demo", strconv.Itoa(i+1), "1")
					begin := time.Now()
					sizes := work(b, n, ledger.New(all), subject, size)
					took += time.Since(begin)
					begin = time.Now()
					r := ledger.New(all)
					if _, err := n.Store.Each(ctx, subject, 0, r.Apply); err != nil || !r.Done() {
						b.Fatal(err, r.Books())
					}
					reload += time.Since(begin)
					begin = time.Now()
					for k, size := range sizes {
						bytes += size
						if _, err := n.JS.Publish(ctx, fmt.Sprintf("cmd.demo.bare.%d-%d", i, k), make([]byte, size)); err != nil {
							b.Fatal(err)
						}
					}
					bare += time.Since(begin)
				}
				total := float64(users) * float64(b.N)
				b.ReportMetric(total/took.Seconds(), "users/s")
				b.ReportMetric(total/bare.Seconds(), "bare-users/s")
				b.ReportMetric(float64(reload.Microseconds())/1000/float64(b.N), "reload-ms")
				b.ReportMetric(float64(bytes)/total, "B/user")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// work claims and settles a whole range in batches; it returns the sizes of the events' payloads.
func work(b *testing.B, n *natstest.NATS, r *ledger.Range, subject events.Subject, size int) (sizes []int) {
	b.Helper()
	put := func(e *events.Event, err error) {
		if err == nil {
			_, err = n.Store.Append(context.Background(), []events.Append{{Subject: subject, Expected: r.Version(), Events: []events.Event{*e}}})
		}
		if err != nil {
			b.Fatal(err)
		}
		last, err := n.Store.Last(context.Background(), subject)
		if err == nil {
			err = r.Apply(last)
		}
		if err != nil {
			b.Fatal(err)
		}
		sizes = append(sizes, len(e.Data))
	}
	for !r.Done() {
		claim, tally := roaring64.New(), ledger.NewTally()
		for it := r.Remaining().Iterator(); it.HasNext() && int(claim.GetCardinality()) < size; {
			claim.Add(it.Next())
		}
		put(r.Claims("bench", claim))
		tally.AddAll(claim, events.Sent, "", "")
		put(r.Outcomes("bench", tally))
	}
	return sizes
}
