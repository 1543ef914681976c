package events

import (
	"context"
	"log/slog"

	"github.com/nats-io/nats.go/jetstream"
)

// FollowOptions say what to follow.
type FollowOptions struct {
	Stream      string   // StreamEvents (default) or StreamLedger
	Filters     []string // NATS subjects, wildcards allowed; none is the whole stream
	From        uint64   // first sequence; 0 is 1; beyond the newest event is like OnlyNew
	OnlyNew     bool     // begin after the newest event instead
	HeadersOnly bool     // Event.Data stays nil
	Log         *slog.Logger

	// CaughtUp is called once, when everything that was stored has been handed to
	// fn, before anything newer is.
	CaughtUp func()
}

// Follow hands every matching event to fn, from the beginning, and goes on live
// until ctx ends or fn fails; it returns that error. Reconnects are not visible:
// no event is left out and none comes twice. It is for small caches (keys,
// settings, what campaigns are paused); projections use Reader, which also proves
// that the stream has no hole.
func Follow(ctx context.Context, js jetstream.JetStream, opt FollowOptions, fn func(Event) error) error {
	if opt.Stream == "" {
		opt.Stream = StreamEvents
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	t := &tail{rpc: newRPC(js, 0), stream: opt.Stream, filters: opt.Filters, headersOnly: opt.HeadersOnly, log: opt.Log}
	if !opt.OnlyNew {
		t.next, t.lenient = max(opt.From, 1), true
	}
	defer t.close()
	told := opt.CaughtUp == nil
	for {
		d, err := t.read(ctx)
		if err != nil {
			return err
		}
		if d.event.Seq > 0 {
			if err := fn(d.event); err != nil {
				return err
			}
		}
		if d.pending == 0 && !told {
			told = true
			opt.CaughtUp()
		}
	}
}
