package gateway_test

import (
	"bufio"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/commands"
)

// gated is a log that nobody begins to follow while its gate is shut.
type gated struct {
	jetstream.JetStream
	gate sync.RWMutex
}

func (s *gated) Conn() *nats.Conn {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.JetStream.Conn()
}

// From its first byte on a live stream leaves nothing out: a page that read before it was greeted, or just then,
// hears of everything that came since.
func TestNothingIsLostBehindTheGreeting(t *testing.T) {
	log := &gated{}
	h := open(t, func(o *options) { log.JetStream, o.JS = o.JS, log })
	h.shop()
	log.gate.Lock()
	release := sync.OnceFunc(log.gate.Unlock)
	defer release()

	res := h.begin("/v1/shop/stream")
	defer res.Body.Close()
	defer time.AfterFunc(20*time.Second, func() { _ = res.Body.Close() }).Stop()
	told := bufio.NewScanner(res.Body)
	if !told.Scan() || told.Text() != "event: hello" {
		t.Fatalf("greeted with %q", told.Text())
	}
	_, _, err := commands.Send(t.Context(), h.nats.JS, commands.Request{
		Biz: "shop", Type: commands.DefineBizType, Payload: commands.DefineBiz{Name: "Renamed", Timezone: "UTC"}, Actor: "test",
	})
	must(t, err)
	eventually(t, "it is decided", func() bool { return h.want(200, "GET", "/v1/shop", "")["name"] == "Renamed" })
	release()
	for told.Scan() {
		if strings.Contains(told.Text(), "biz.defined") {
			return
		}
	}
	t.Error("the event behind the greeting was not told")
}
