package sends

import (
	"context"
	"log/slog"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go/jetstream"

	"muster/channels"
	"muster/events"
	"muster/internal/fault"
	"muster/internal/telemetry"
)

// Log is what sends needs of the event store; *events.Store has it.
type Log interface {
	Append(ctx context.Context, appends []events.Append) ([]events.Version, error)
	Each(ctx context.Context, subject events.Subject, after uint64, fn func(events.Event) error) (events.Version, error)
	Last(ctx context.Context, subject events.Subject) (events.Event, error)
}

// FreezeReader reads what the freezes projection evaluated.
type FreezeReader interface {
	// AwaitFreeze waits until the segment of a campaign launched by the event at launch (a sequence of EVENTS)
	// is evaluated, and says how many users it found, or what is wrong with it, for people.
	AwaitFreeze(ctx context.Context, biz string, campaign, launch uint64) (users uint64, problem string, err error)
	// FrozenUsers calls fn with the members of each shard, ascending, from the shard first on. fn keeps no bitmap.
	FrozenUsers(ctx context.Context, biz string, campaign, first uint64, fn func(shard uint64, members *roaring64.Bitmap) error) error
}

// Address is what sending to one user needs.
type Address struct {
	UserID     uint64
	OpenID     string
	Attributes map[string]string // of those asked for, the ones the user has
}

// AddressReader looks users up in the read model.
type AddressReader interface {
	// Addresses calls fn for each of the users that is known, in any order, with the named attributes. One query.
	Addresses(ctx context.Context, biz string, users *roaring64.Bitmap, attributes []string, fn func(Address) error) error
}

// Options of a Service. Zero durations and counts take the defaults.
type Options struct {
	JS        jetstream.JetStream
	Log       Log
	Channels  []channels.Channel
	Freezes   FreezeReader
	Addresses AddressReader
	Logger    *slog.Logger
	Metrics   *telemetry.Metrics // nil: none

	Name      string        // of this process, in claims, for people
	Workers   int           // ranges sent at the same time by this process; default 4
	Campaigns int           // handed out at the same time by this process; default 64
	InFlight  int           // ranges of a campaign that wait in SENDS or are being sent; default 64
	AckWait   time.Duration // after this long without a sign of life another process takes over; default 10 s
	Grace     time.Duration // for the messages under way when asked to stop; default 10 s
	Recheck   time.Duration // how often a lost signal is made up for, and a paused range looked at; default 2 s
	RetryFor  time.Duration // how long a provider that refuses for now is asked again; default 5 min
	RetryMin  time.Duration // first pause before asking again, doubling up to 5 s; default 100 ms
}

func (o *Options) defaults() error {
	switch {
	case o.JS == nil || o.Log == nil || o.Freezes == nil || o.Addresses == nil:
		return fault.New(fault.Internal, "sends needs JetStream, the log, freezes and addresses")
	case o.AckWait < 0 || o.Workers < 0 || o.Campaigns < 0 || o.InFlight < 0:
		return fault.New(fault.Internal, "sends cannot work with negative limits")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Name == "" {
		o.Name = "sender"
	}
	setDefault(&o.Workers, 4)
	setDefault(&o.Campaigns, campaignsAtOnce)
	setDefault(&o.InFlight, 64)
	setDefault(&o.AckWait, 10*time.Second)
	setDefault(&o.Grace, 10*time.Second)
	setDefault(&o.Recheck, 2*time.Second)
	setDefault(&o.RetryFor, 5*time.Minute)
	setDefault(&o.RetryMin, 100*time.Millisecond)
	return nil
}

func setDefault[T comparable](at *T, value T) {
	var zero T
	if *at == zero {
		*at = value
	}
}
