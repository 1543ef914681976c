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

// counted is a log that knows how many messages are asked for at once, and that may hold all answers back.
type counted struct {
	jetstream.JetStream
	now, most atomic.Int64
	held      atomic.Pointer[chan struct{}] // answers wait until it is closed; nil: they do not
}

func (c *counted) Stream(ctx context.Context, name string) (jetstream.Stream, error) {
	s, err := c.JetStream.Stream(ctx, name)
	return countedStream{s, c}, err
}

// hold holds all answers back until release.
func (c *counted) hold() (release func()) {
	held := make(chan struct{})
	c.held.Store(&held)
	return sync.OnceFunc(func() { c.held.Store(nil); close(held) })
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
	if held := s.c.held.Load(); held != nil {
		select {
		case <-*held:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.Stream.GetMsg(ctx, seq, opts...)
}

// openCounted counts what its gateway asks the log for, which holds some pages' worth.
func openCounted(t *testing.T, read, turn time.Duration) (*house, *counted) {
	t.Helper()
	log := &counted{}
	h := open(t, func(o *options) {
		log.JetStream = o.JS
		o.JS, o.Read, o.Turn = log, read, turn
	})
	h.shop()
	for i := range 20 {
		h.want(202, "POST", "/v1/shop/groups", fmt.Sprintf(`{"name":"g%d","kind":"ids"}`, i))
	}
	eventually(t, "all groups are made", func() bool { return len(h.audit("type=group.created&limit=500", "after")) == 21 })
	log.most.Store(0)
	return h, log
}

// lookers are 16 clients with one key who ask for the audit log at once.
type lookers struct {
	all          sync.WaitGroup
	good, passed atomic.Int64 // answered with a page; told to come again
}

func (h *house) look(key string) *lookers {
	l := &lookers{}
	for i := range 16 {
		l.all.Go(func() {
			query := []string{"limit=500", "limit=500&order=newest", "limit=500&aggregate=group"}[i%3]
			switch a := h.call("GET", "/v1/shop/events?"+query, "", "Authorization", "Bearer "+key); {
			case a.status == 200:
				l.good.Add(1)
			case a.status == 503 && a.header.Get("Retry-After") != "":
				l.passed.Add(1)
			default:
				h.t.Errorf("%s: %d %.200s", query, a.status, a.body)
			}
		})
	}
	return l
}

// However many look at the audit log, the server reads a few pages of it at a time, two of them for one key at the
// most. The others wait a while for their turn.
func TestTheAuditLogIsReadByAFewAtATime(t *testing.T) {
	h, log := openCounted(t, time.Minute, time.Second)
	other := h.want(200, "POST", "/v1/keys?wait=20s", `{"name":"other","biz":"shop","role":"viewer"}`)["key"].(string)
	release := log.hold()
	defer release()
	one := h.look(h.key)
	eventually(t, "one key's have as much as they get, and its others give up", func() bool { return log.now.Load() == 16 && one.passed.Load() == 14 })
	two := h.look(other)
	eventually(t, "another key's have as much, and its others give up", func() bool { return log.now.Load() == 32 && two.passed.Load() == 14 })
	release()
	one.all.Wait()
	two.all.Wait()
	if most := log.most.Load(); most != 32 || one.good.Load() != 2 || two.good.Load() != 2 {
		t.Errorf("%d messages were asked for at once; %d and %d had an answer", most, one.good.Load(), two.good.Load())
	}
}

// Who waits gets a turn, and all the time for reading that everybody has.
func TestWhoWaitsForTheAuditLogReadsInTheEnd(t *testing.T) {
	h, log := openCounted(t, 30*time.Second, 30*time.Second)
	release := log.hold()
	defer release()
	all := h.look(h.key)
	eventually(t, "some read", func() bool { return log.now.Load() == 16 })
	release()
	all.all.Wait()
	if all.good.Load() != 16 || log.most.Load() != 16 {
		t.Errorf("%d of 16 had an answer; %d messages were asked for at once", all.good.Load(), log.most.Load())
	}
}

// Nobody's place is lost with a log that does not answer.
func TestAnAuditLogThatDoesNotAnswerIsGivenUp(t *testing.T) {
	h, log := openCounted(t, time.Second, time.Second)
	release := log.hold()
	all := h.look(h.key)
	all.all.Wait()
	if all.passed.Load() != 16 {
		t.Errorf("%d of 16 were told to come again", all.passed.Load())
	}
	release()
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
