package sends_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/channels"
	"muster/events"
	"muster/events/natstest"
	"muster/internal/telemetry"
	"muster/sends"
)

// heard is a log whose errors can be waited for.
type heard struct {
	slog.Handler
	errors chan string
}

func (h heard) Handle(ctx context.Context, r slog.Record) error {
	if r.Level == slog.LevelError {
		text := r.Message
		r.Attrs(func(a slog.Attr) bool {
			text += " " + a.String()
			return true
		})
		select {
		case h.errors <- text:
		default:
		}
	}
	return nil
}

func (heard) Enabled(context.Context, slog.Level) bool { return true }

func (h heard) WithAttrs([]slog.Attr) slog.Handler { return h }

func scrape(m *telemetry.Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// frozen waits until a campaign has its audience.
func (h *house) frozen(id uint64) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	seen := errors.New("seen")
	err := events.Follow(ctx, h.nats.JS, events.FollowOptions{Filters: []string{subject(id).String()}, Log: natstest.Quiet()}, func(e events.Event) error {
		if e.Type == events.TypeCampaignAudienceFrozen {
			return seen
		}
		return nil
	})
	if !errors.Is(err, seen) {
		h.t.Fatalf("campaign %d has no audience: %v", id, err)
	}
}

// TestACampaignWithoutItsChannelWaitsAloud restarts without the channel in the middle of a campaign, then with it
// again: until then the log and the metrics say so, and the campaign is not failed for it.
func TestACampaignWithoutItsChannelWaitsAloud(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(20)
	h.launch(31, 10, template())
	h.must(h.append(t.Context(), 31, events.TypeCampaignPaused, events.CampaignPaused{}))
	first := h.start("first")
	h.frozen(31)
	first.stop()
	h.must(h.append(t.Context(), 31, events.TypeCampaignResumed, events.CampaignResumed{}))

	log, metrics := heard{slog.DiscardHandler, make(chan string, 100)}, telemetry.NewMetrics("test")
	bare := h.start("bare", func(o *sends.Options) {
		o.Channels, o.Logger, o.Metrics = nil, slog.New(log), metrics
	})
	// Every time it looks; how often it was delivered while it was paused, or to a process that was to stop, says nothing.
	for _, again := range []string{"200ms", "400ms"} {
		log.says(t, "a campaign cannot send: its channel is not set up here: configure it and restart, "+
			"the campaign then goes on by itself biz=demo campaign=31 channel=wechat looks_again_in="+again)
	}
	if text := scrape(metrics); !strings.Contains(text, "muster_campaigns_without_channel 1\n") {
		t.Errorf("the metrics do not show it: %s", text)
	}
	bare.stop()
	whole := telemetry.NewMetrics("test")
	h.start("whole", func(o *sends.Options) { o.Metrics = whole })
	if got, want := h.completed(31), (events.Books{Audience: 20, Sent: 20}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if text := scrape(whole); !strings.Contains(text, "muster_campaigns_without_channel 0\n") {
		t.Errorf("the metrics of the process that has it: %s", text)
	}
}

// patient is a channel that keeps the messages of most campaigns in hand until it is told to go on.
type patient struct {
	channels.Channel
	goOn chan struct{}
}

func (p patient) Send(ctx context.Context, b channels.Batch, results []channels.Result) {
	if id, err := strconv.Atoi(b.Campaign); err == nil && id < 99 {
		select {
		case <-p.goOn:
		case <-ctx.Done():
		}
	}
	p.Channel.Send(ctx, b, results)
}

// TestManyCampaignsRunAtOnce holds more campaigns in the middle than a process once handed out at the same time.
func TestManyCampaignsRunAtOnce(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(5)
	const many = 40
	goOn := make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	h.start("a", func(o *sends.Options) {
		o.Workers = many + 1
		o.Channels = []channels.Channel{patient{o.Channels[0], goOn}}
	})
	t.Cleanup(release)
	for id := uint64(1); id <= many; id++ {
		h.launch(id, 5, template())
	}
	h.launch(99, 5, template())
	if got, want := h.completed(99), (events.Books{Audience: 5, Sent: 5}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	release()
	for id := uint64(1); id <= many; id++ {
		if got, want := h.completed(id), (events.Books{Audience: 5, Sent: 5}); got != want {
			t.Fatalf("campaign %d: books %+v, want %+v", id, got, want)
		}
	}
}
