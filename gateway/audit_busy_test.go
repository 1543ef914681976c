package gateway_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
)

// counted is a log that knows how many messages are asked for at once, and that may answer none of them.
type counted struct {
	jetstream.JetStream
	now, most atomic.Int64
	silent    atomic.Bool
}

func (c *counted) Stream(ctx context.Context, name string) (jetstream.Stream, error) {
	s, err := c.JetStream.Stream(ctx, name)
	return countedStream{s, c}, err
}

type countedStream struct {
	jetstream.Stream
	c *counted
}

func (s countedStream) GetMsg(ctx context.Context, seq uint64, opts ...jetstream.GetMsgOpt) (*jetstream.RawStreamMsg, error) {
	n := s.c.now.Add(1)
	defer s.c.now.Add(-1)
	for most := s.c.most.Load(); n > most && !s.c.most.CompareAndSwap(most, n); most = s.c.most.Load() {
	}
	if s.c.silent.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.Stream.GetMsg(ctx, seq, opts...)
}

// openCounted counts what its gateway asks the log for. look is many clients who ask for the audit log at once.
func openCounted(t *testing.T, read time.Duration) (h *house, log *counted, look func(status int)) {
	t.Helper()
	log = &counted{}
	h = open(t, func(o *options) {
		log.JetStream = o.JS
		o.JS, o.Read = log, read
	})
	h.shop()
	return h, log, func(status int) {
		t.Helper()
		var each sync.WaitGroup
		for i := range 32 {
			each.Go(func() {
				query := []string{"limit=500", "limit=500&order=newest", "limit=500&aggregate=group"}[i%3]
				if a := h.call("GET", "/v1/shop/events?"+query, ""); a.status != status {
					t.Errorf("%s: %d %.200s", query, a.status, a.body)
				}
			})
		}
		each.Wait()
	}
}

// However many look at the audit log, the server reads a few pages of it at a time, and the others wait.
func TestTheAuditLogIsReadByAFewAtATime(t *testing.T) {
	h, log, look := openCounted(t, time.Minute)
	for i := range 40 {
		h.want(202, "POST", "/v1/shop/groups", fmt.Sprintf(`{"name":"g%d","kind":"ids"}`, i))
	}
	eventually(t, "all groups are made", func() bool { return len(h.audit("type=group.created&limit=500", "after")) == 41 })
	look(200)
	if most := log.most.Load(); most == 0 || most > 32 {
		t.Errorf("%d messages were asked for at once", most)
	}
}

// Nobody waits for ever behind others who do, and nobody's place is lost.
func TestWhoWaitsForTheAuditLogGivesUp(t *testing.T) {
	h, log, look := openCounted(t, time.Second)
	log.silent.Store(true)
	look(503)
	log.silent.Store(false)
	eventually(t, "it is read again", func() bool { return h.call("GET", "/v1/shop/events", "").status == 200 })
}

// A page holds as many bytes as somebody can look at, and says where to go on.
func TestAPageOfTheAuditLogIsNoLargerThanItNeedsToBe(t *testing.T) {
	h := open(t)
	h.shop()
	long := strings.Repeat("武", 2000)
	var data []string
	for i := range 50 {
		data = append(data, fmt.Sprintf(`"thing%d":%q`, i, long))
	}
	for i := range 20 {
		h.want(200, "PUT", fmt.Sprintf("/v1/shop/templates/t%d?wait=20s", i), `{"channel":"webhook","url":"https://example.com/","data":{`+strings.Join(data, ",")+`}}`)
	}
	for order, cursor := range map[string]string{"oldest": "after", "newest": "before"} {
		some, next, items := h.auditPage("limit=500&type=" + string(events.TypeTemplateDefined) + "&order=" + order)
		if len(some) == 0 || len(some) == 20 || next == "" || items[len(items)-1]["data"] == nil {
			t.Errorf("%s: a page of %d, next %q", order, len(some), next)
		}
		got := h.audit("limit=500&order="+order, cursor)
		if order == "newest" {
			slices.Reverse(got)
		}
		if want := h.audit("limit=1", "after"); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", order, got, want)
		}
	}
}

// Bulk events are told of without their bytes, which stay where they are.
func TestBulkIsNotReadForTheAuditLog(t *testing.T) {
	h := open(t)
	group := h.shop()
	h.want(200, "POST", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n2\n", lines...)
	_, _, items := h.auditPage("limit=500&aggregate=upload&type=" + string(events.TypeUploadIDs))
	if len(items) != 1 || items[0]["data"] != nil || items[0]["count"] != 2.0 {
		t.Errorf("%v", items)
	}
}
