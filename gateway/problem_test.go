package gateway_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"muster/events"
	"muster/gateway"
)

// broken is a read model with mistakes in it.
type broken struct{ gateway.Queries }

const spilled = "13800000000" // what must not reach a log: it may be a person's

func (broken) User(context.Context, string, uint64) (gateway.User, error) { panic("user " + spilled) }

func (broken) EachMember(_ context.Context, _ string, _ uint64, row func(uint64) error) error {
	for user := range uint64(10_000) { // more than what is kept before the first piece leaves
		if err := row(user); err != nil {
			return err
		}
	}
	panic("member " + spilled)
}

func (broken) Report(context.Context, string, uint64) (gateway.Report, error) {
	count(nil)
	return gateway.Report{}, nil
}

func count(into map[string]int) { into["report"]++ }

// record is a log that can be read while it is written.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func openBroken(t *testing.T) (*house, *record) {
	t.Helper()
	log := &record{}
	return open(t, func(o *options) {
		o.Queries = broken{o.Queries}
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	}), log
}

// begin opens an answer that is read piece by piece.
func (h *house) begin(path string, header ...string) *http.Response {
	h.t.Helper()
	req, err := http.NewRequest("GET", h.url+path, nil)
	must(h.t, err)
	req.Header.Set("Authorization", "Bearer "+h.key)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := h.http.Do(req)
	must(h.t, err)
	if res.StatusCode != 200 {
		h.t.Fatalf("%s: %d", path, res.StatusCode)
	}
	return res
}

func TestAPanicEndsItsRequestAlone(t *testing.T) {
	h, log := openBroken(t)
	h.shop()
	p := h.problem(500, "internal", "GET", "/v1/shop/users/42", "")
	if strings.Contains(p["detail"].(string), "user") {
		t.Errorf("a client sees %v", p)
	}
	h.want(200, "GET", "/v1/shop/groups", "")
	text := log.String()
	if !strings.Contains(text, "/v1/:biz/users/:user") || !strings.Contains(text, "problem_test.go") || !strings.Contains(text, "level=ERROR") {
		t.Errorf("the log does not say where: %s", text)
	}
	if strings.Contains(text, spilled) {
		t.Errorf("the log holds what may be a person's: %s", text)
	}
}

func TestAPanicInAnExportCutsItAlone(t *testing.T) {
	h, log := openBroken(t)
	group := h.shop()
	res := h.begin("/v1/shop/groups/" + group + "/members.csv")
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("half an export ended as a whole one does: %q", b)
	}
	h.want(200, "GET", "/v1/shop/groups/"+group, "")
	if text := log.String(); !strings.Contains(text, "problem_test.go") || strings.Contains(text, spilled) {
		t.Errorf("the log: %s", text)
	}
}

func TestAPanicInALiveStreamCutsItAlone(t *testing.T) {
	h, log := openBroken(t)
	group := h.shop()
	_, err := h.nats.Store.Append(t.Context(), []events.Append{{Subject: events.EventSubject("shop", "campaign", "77"), Events: []events.Event{
		{Type: events.TypeCampaignPaused, Version: 1, Data: []byte(`{}`)},
	}}})
	must(t, err)
	res := h.begin("/v1/shop/stream", "Last-Event-ID", "1")
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("the stream ended as a whole one does: %q", b)
	}
	h.want(200, "GET", "/v1/shop/groups/"+group, "")
	if text := log.String(); !strings.Contains(text, "assignment to entry in nil map") || !strings.Contains(text, "problem_test.go") {
		t.Errorf("the log: %s", text)
	}
}
