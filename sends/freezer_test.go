package sends_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/telemetry"
	"muster/sends"
)

// TestAnyReasonFailsACampaign fails freezes for reasons that no command takes as they are: the id of the command
// is fixed, so it must be taken the first time.
func TestAnyReasonFailsACampaign(t *testing.T) {
	for name, reason := range map[string]string{
		"cut inside a character": strings.Repeat("x", 499) + strings.Repeat("界", 10),
		"lines":                  "the engine says:\n\tno such tag\u0085 and \x7f more",
		"no utf-8":               "the tag \xff\xfe is unknown",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.model.fault = reason
			h.start("a")
			h.launch(31, 100, template())
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			var failed *events.CampaignFailed
			err := events.Follow(ctx, h.nats.JS, events.FollowOptions{Filters: []string{subject(31).String()}, Log: natstest.Quiet()}, func(e events.Event) error {
				if e.Type != events.TypeCampaignFailed {
					return nil
				}
				failed = new(events.CampaignFailed)
				if err := json.Unmarshal(e.Data, failed); err != nil {
					return err
				}
				return context.Canceled
			})
			if failed == nil {
				t.Fatalf("it did not fail: %v", err)
			}
			// What commands ask of a reason. U+FFFD is what JSON makes of half a character.
			if r := failed.Reason; r == "" || !utf8.ValidString(r) || strings.ContainsFunc(r, unicode.IsControl) || utf8.RuneCountInString(r) > 500 ||
				name == "cut inside a character" && strings.ContainsRune(r, utf8.RuneError) {
				t.Fatalf("the reason is %q", r)
			}
		})
	}
}

// TestALaunchWithoutItsChannelWaitsAloud launches in a process that has not got the channel, which fails no campaign
// for good: a process that has it freezes and sends.
func TestALaunchWithoutItsChannelWaitsAloud(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(20)
	log, metrics := heard{slog.DiscardHandler, make(chan string, 100)}, telemetry.NewMetrics("test")
	bare := h.start("bare", func(o *sends.Options) {
		o.Channels, o.Logger, o.Metrics = nil, slog.New(log), metrics
	})
	h.launch(31, 10, template())
	for range 2 { // every time it looks
		log.says(t, "a campaign cannot send: its channel is not set up here")
	}
	if text := scrape(metrics); !strings.Contains(text, "muster_campaigns_without_channel 1\n") {
		t.Errorf("the metrics do not show it: %s", text)
	}
	bare.stop()
	h.start("whole")
	if got, want := h.completed(31), (events.Books{Audience: 20, Sent: 20}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
}
