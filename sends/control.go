package sends

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/time/rate"

	"muster/events"
	"muster/internal/fault"
)

// control follows what operators decide while sending goes on: campaigns paused, resumed or cancelled, and the
// runtime settings. It is a cache of the log; what it does not know yet it reads there.
type control struct {
	js  jetstream.JetStream
	log Log
	out *slog.Logger

	mu        sync.Mutex
	campaigns map[campaignKey]*watched // those that are launched and not closed
	settings  events.Settings
	rates     map[string]*rate.Limiter // by channel
}

type watched struct {
	campaign
	changed chan struct{} // closed at the next change
}

func newControl(opt Options) *control {
	return &control{
		js: opt.JS, log: opt.Log, out: opt.Logger, campaigns: make(map[campaignKey]*watched),
		settings: events.DefaultSettings(), rates: make(map[string]*rate.Limiter),
	}
}

// follow keeps the cache fresh until ctx ends. ready is called when it knows all that was stored at the start.
// Before a damaged log it calls halt, for nothing may be sent by who does not hear of a pause, and stands still.
func (c *control) follow(ctx context.Context, ready, halt func()) error {
	settings := events.EventSubject(events.SystemScope, "settings", "global")
	err := events.Follow(ctx, c.js, events.FollowOptions{
		Filters: []string{"evt.*.campaign.*", settings.String()}, CaughtUp: ready, Log: c.out,
	}, func(e events.Event) error {
		switch e.Subject.Aggregate {
		case "campaign":
			return c.onCampaign(e)
		case "settings":
			return c.onSettings(e)
		}
		return nil
	})
	if fault.Is(err, fault.Corrupt) {
		halt()
	}
	return events.StandStill(ctx, c.out, "sends", err)
}

func (c *control) onSettings(e events.Event) error {
	if e.Type != events.TypeSettingsChanged {
		return nil
	}
	var s events.SettingsChanged
	if err := json.Unmarshal(e.Data, &s); err != nil {
		return fault.Wrap(fault.Corrupt, err, "decode settings")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings = s.Settings
	for _, l := range c.rates {
		setRate(l, s.SendRate)
	}
	return nil
}

func (c *control) onCampaign(e events.Event) error {
	key, err := keyOf(e.Subject.Biz, e.Subject.ID)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.campaigns[key]
	if w == nil {
		if e.Type != events.TypeCampaignLaunched {
			return nil
		}
		w = &watched{campaign: campaign{key: key}, changed: make(chan struct{})}
		c.campaigns[key] = w
	}
	next, err := w.apply(e)
	if err != nil {
		return err
	}
	w.set(next)
	if next.status == closed {
		delete(c.campaigns, key)
	}
	return nil
}

// set must be called with mu held.
func (w *watched) set(c campaign) {
	if c.seq <= w.seq {
		return
	}
	w.campaign = c
	close(w.changed)
	w.changed = make(chan struct{})
}

// get returns a campaign as it stands, with a channel that is closed at its next change. A campaign whose audience
// is not frozen as far as the cache knows is read from the log.
func (c *control) get(ctx context.Context, key campaignKey) (campaign, <-chan struct{}, error) {
	c.mu.Lock()
	if w := c.campaigns[key]; w != nil && w.frozen != nil {
		defer c.mu.Unlock()
		return w.campaign, w.changed, nil
	}
	c.mu.Unlock()
	read, err := loadCampaign(ctx, c.log, key)
	if err != nil {
		return read, nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.campaigns[key]
	if w == nil {
		if read.status == closed || read.launch == 0 {
			return read, nil, nil
		}
		w = &watched{campaign: campaign{key: key}, changed: make(chan struct{})}
		c.campaigns[key] = w
	}
	w.set(read)
	return w.campaign, w.changed, nil
}

// count says how many campaigns that are launched and not closed are as is says. One that was cancelled before it had
// an audience never closes, but is over.
func (c *control) count(is func(campaign) bool) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.campaigns {
		if (w.frozen != nil || w.status != cancelled) && is(w.campaign) {
			n++
		}
	}
	return n
}

// claimSize is how many users are claimed at once: never more than a tenth of a second's worth of a limited rate,
// so that a slow channel is fed evenly and a claim is never long in anyone's hands.
func (c *control) claimSize() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := max(c.settings.ClaimSize, 1)
	if c.settings.SendRate > 0 {
		n = max(1, min(n, c.settings.SendRate/10))
	}
	return n
}

// limiter is the channel's rate, shared by all workers of this process, and by nobody else: two processes that send
// reach twice the rate.
func (c *control) limiter(channel string) *rate.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.rates[channel]
	if l == nil {
		l = rate.NewLimiter(rate.Inf, 1)
		setRate(l, c.settings.SendRate)
		c.rates[channel] = l
	}
	return l
}

func setRate(l *rate.Limiter, perSecond int) {
	if perSecond <= 0 {
		l.SetLimit(rate.Inf)
		return
	}
	l.SetBurst(max(1, perSecond/10))
	l.SetLimit(rate.Limit(perSecond))
}
