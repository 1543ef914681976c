package sends

import (
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"muster/internal/telemetry"
)

// noChannelError says that a campaign's channel is not set up in this process. That is no fault of the campaign: it
// goes on once a process that has the channel looks at it.
type noChannelError struct{ channel string }

func (e *noChannelError) Error() string {
	return "there is no channel " + e.channel + " in this process"
}

// longestChannelWait is how long a campaign waits for its next look at most, and so how long after the channel was
// set up it may take to go on.
const longestChannelWait = time.Minute

// waitForChannel gives a campaign without a channel back, for longer every time, and says so every time.
func (s *Service) waitForChannel(m jetstream.Msg, missing *noChannelError) error {
	wait := channelWait(s.opt.Recheck, s.looks.count(m.Subject()))
	tokens := strings.Split(m.Subject(), ".") // evt.<biz>.campaign.<id>
	s.log.Error("a campaign cannot send: its channel is not set up here: configure it and restart, the campaign then goes on by itself",
		"biz", tokens[1], "campaign", tokens[3], "channel", missing.channel, "looks_again_in", wait)
	return later(wait, missing)
}

// looks counts how often this process looked at each campaign that has no channel. How often a message was delivered
// says less: it was, too, for each look at a campaign that was paused.
type looks struct {
	mu sync.Mutex
	at map[string]uint64 // by subject
}

// count adds a look and returns how many there were.
func (l *looks) count(subject string) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at[subject]++
	return l.at[subject]
}

// channelWait doubles with each try, up to longestChannelWait.
func channelWait(first time.Duration, tries uint64) time.Duration {
	for wait := first; ; wait *= 2 {
		if wait >= longestChannelWait {
			return longestChannelWait
		}
		if tries <= 1 {
			return wait
		}
		tries--
	}
}

// showWithoutChannel shows, at each scrape, how many campaigns wait for a channel.
func (s *Service) showWithoutChannel(m *telemetry.Metrics) {
	// Of two services in one process, which only tests have, the first is shown.
	_ = m.Registry().Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "muster", Name: "campaigns_without_channel",
		Help: "Campaigns under way whose channel is not set up in this process: they send nothing here.",
	}, func() float64 {
		return float64(s.control.count(func(c campaign) bool { return s.channels[c.launched.Template.Channel] == nil }))
	}))
}
