package imports

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"testing"

	"muster/events"
)

// sink takes events and forgets them: what is measured is the parser and the codec.
type sink struct{ seq uint64 }

func (s *sink) Last(context.Context, events.Subject) (events.Event, error) {
	return events.Event{}, nil
}

func (s *sink) Append(_ context.Context, a []events.Append) ([]events.Version, error) {
	s.seq += uint64(len(a[0].Events))
	return []events.Version{{Seq: s.seq, Hash: "x"}}, nil
}

func benchmark(b *testing.B, content events.Type, contentType string, row func(i int) string) {
	const rows = 200_000
	var body bytes.Buffer
	for i := range rows {
		body.WriteString(row(i))
	}
	in, _ := newIngester(b)
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		in.store = &sink{}
		req := Request{Biz: "demo", CommandID: "u", Target: events.TargetGroup, Content: content, ContentType: contentType, Body: bytes.NewReader(body.Bytes())}
		res, err := in.Ingest(context.Background(), req)
		if err != nil || res.Summary.Rejected > 0 {
			b.Fatalf("%+v %v", res, err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func header(h string, row func(i int) string) func(i int) string {
	return func(i int) string {
		if i == 0 {
			return h + "\n" + row(i)
		}
		return row(i)
	}
}

func BenchmarkIngest(b *testing.B) {
	id := func(i int) string { return strconv.Itoa(100_000_000+i*7) + "\n" }
	b.Run("ids lines", func(b *testing.B) { benchmark(b, events.TypeUploadIDs, "text/plain", id) })
	b.Run("ids csv", func(b *testing.B) { benchmark(b, events.TypeUploadIDs, "text/csv", header("user_id", id)) })
	b.Run("users csv", func(b *testing.B) {
		benchmark(b, events.TypeUploadUsers, "text/csv", header("user_id,phone,openid,tags,attributes", func(i int) string {
			return fmt.Sprintf("%d,1380000%04d,openid-%d,\"%d,%d,%d\",\"{\"\"name\"\":\"\"User %d\"\",\"\"city\"\":\"\"Wuhan\"\"}\"\n", i, i%10_000, i, i%50+1, i%7+60, i%3+70, i)
		}))
	})
	b.Run("users ndjson", func(b *testing.B) {
		benchmark(b, events.TypeUploadUsers, "application/x-ndjson", func(i int) string {
			return fmt.Sprintf(`{"user_id":%d,"phone":"1380000%04d","openid":"openid-%d","tags":[%d,%d]}`+"\n", i, i%10_000, i, i%50+1, i%7+60)
		})
	})
	b.Run("tags csv", func(b *testing.B) {
		benchmark(b, events.TypeUploadTags, "text/csv", header("user_id,tag_id,op", func(i int) string { return fmt.Sprintf("%d,%d,add\n", i, i%50+1) }))
	})
	b.Run("orders csv", func(b *testing.B) {
		benchmark(b, events.TypeUploadOrders, "text/csv", header("order_id,user_id,product_id,amount,paid_at,status", func(i int) string {
			return fmt.Sprintf("o%d,%d,%d,9.90,2026-11-21 10:%02d:00,paid\n", i, i, i%100, i%60)
		}))
	})
}
