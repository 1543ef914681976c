package gateway_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

func TestStreamsShowWhatIsStuck(t *testing.T) {
	h := open(t)
	h.shop()
	ctx := context.Background()
	c, err := h.nats.JS.CreateConsumer(ctx, "EVENTS", jetstream.ConsumerConfig{Durable: "stuck", FilterSubject: "evt.*.group.*", AckPolicy: jetstream.AckExplicitPolicy})
	must(t, err)
	m, err := c.Next()
	must(t, err)
	must(t, m.Nak())
	again, err := c.Next()
	must(t, err)
	all := map[string]map[string]any{}
	for _, s := range h.want(200, "GET", "/v1/streams", "")["items"].([]any) {
		all[s.(map[string]any)["name"].(string)] = s.(map[string]any)
	}
	log := all["EVENTS"]
	if len(all) != 4 || log["messages"].(float64) < 3 || log["messages"] != log["last_seq"] || log["readers"].(float64) < 1 || log["last_at"] == nil || log["replicas"] != 1.0 {
		t.Errorf("%v", all)
	}
	consumers := log["consumers"].([]any)
	if len(consumers) != 1 {
		t.Fatalf("%v", consumers)
	}
	meta, err := again.Metadata()
	must(t, err)
	stuck := consumers[0].(map[string]any)
	if stuck["name"] != "stuck" || stuck["in_hand"] != 1.0 || stuck["redelivered"] != 1.0 || stuck["pending"] != float64(meta.NumPending) || stuck["oldest_at"] == nil {
		t.Errorf("%v", stuck)
	}
	if len(all["COMMANDS"]["consumers"].([]any)) != 1 {
		t.Errorf("%v", all["COMMANDS"])
	}
	key := h.want(200, "POST", "/v1/keys", `{"name":"x","biz":"shop","role":"admin"}`)["key"].(string)
	h.problem(403, "forbidden", "GET", "/v1/streams", "", "Authorization", "Bearer "+key)
}

func TestStreamsSayWhatIsNotDescribed(t *testing.T) {
	h := open(t)
	ctx := context.Background()
	for i := range 67 {
		_, err := h.nats.JS.CreateConsumer(ctx, "SENDS", jetstream.ConsumerConfig{Durable: fmt.Sprintf("work-%d", i), FilterSubject: fmt.Sprintf("send.%d", i), AckPolicy: jetstream.AckExplicitPolicy})
		must(t, err)
	}
	for _, s := range h.want(200, "GET", "/v1/streams", "")["items"].([]any) {
		stream := s.(map[string]any)
		described, more := stream["consumers"].([]any), stream["more_consumers"]
		if stream["name"] == "SENDS" && (len(described) != 64 || more != 3.0) || stream["name"] != "SENDS" && more != nil {
			t.Errorf("%s: %d described, and %v more", stream["name"], len(described), more)
		}
	}
}

func TestTotals(t *testing.T) {
	h := open(t)
	h.shop()
	h.want(200, "POST", "/v1/shop/users:import?wait=20s", "user_id\n1\n2\n", csv...)
	got := h.want(200, "GET", "/v1/shop/totals", "")
	if got["users"] != 2.0 || got["groups"] != 1.0 || got["campaigns"] != 0.0 {
		t.Errorf("%v", got)
	}
	h.problem(404, "not_found", "GET", "/v1/nowhere/totals", "")
}
