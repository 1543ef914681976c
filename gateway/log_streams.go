package gateway

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/internal/fault"
)

// LogStream is one stream of the log, as its server tells of it.
type LogStream struct {
	Name        string        `json:"name" enum:"COMMANDS,EVENTS,SENDS,LEDGER"`
	Description string        `json:"description"`
	Messages    ID            `json:"messages"`
	Bytes       ID            `json:"bytes"`
	FirstSeq    ID            `json:"first_seq"`
	LastSeq     ID            `json:"last_seq"`
	LastAt      *time.Time    `json:"last_at,omitempty" doc:"When the newest message was stored"`
	Subjects    ID            `json:"subjects" doc:"How many there are with messages"`
	Replicas    int           `json:"replicas"`
	Leader      string        `json:"leader,omitempty" doc:"Of a cluster"`
	Behind      []string      `json:"behind" doc:"Servers whose copy is not current"`
	MaxAgeS     int64         `json:"max_age_s,omitempty" doc:"Seconds that messages are kept; absent: for ever, or until they are done"`
	Readers     int           `json:"readers" doc:"Who follows it and acknowledges nothing: projections, gateways"`
	Consumers   []LogConsumer `json:"consumers" doc:"Shared by all processes that do this work; at most 64"`
	More        int           `json:"more_consumers,omitempty" doc:"Consumers that are not described here"`
}

// LogConsumer is the work on one stream: what waits for it and what it has in hand.
type LogConsumer struct {
	Name        string     `json:"name"`
	Filters     []string   `json:"filters"`
	Pending     ID         `json:"pending" doc:"Not yet handed to any process"`
	InHand      ID         `json:"in_hand" doc:"Handed to a process, or delayed, and not yet done"`
	Redelivered ID         `json:"redelivered" doc:"Of those in hand: handed out more than once"`
	Waiting     int        `json:"waiting" doc:"Processes' requests for more; 0 with something pending: nobody asks for it"`
	Delivered   ID         `json:"delivered_seq" doc:"Sequence of the last message handed out"`
	Done        ID         `json:"done_seq" doc:"Everything up to this sequence is done"`
	LastAt      *time.Time `json:"last_at,omitempty" doc:"When a message was last handed out"`
	OldestAt    *time.Time `json:"oldest_at,omitempty" doc:"When the oldest message that is not done was stored"`
}

const maxConsumers = 64 // described, of one stream

func (g *Gateway) registerLogStreams() {
	r := at(Admin, http.MethodGet, "/v1/streams", "list-streams", tagOperations, "The streams of the log, and the work on them").forAll()
	handle(g, r, func(ctx context.Context, _ *struct{}) (*listed[LogStream], error) {
		ctx, cancel := context.WithTimeout(ctx, g.opt.Read)
		defer cancel()
		out := []LogStream{}
		for _, name := range []string{events.StreamCommands, events.StreamEvents, events.StreamSends, events.StreamLedger} {
			s, err := g.logStream(ctx, name)
			if err != nil {
				return nil, fault.Wrap(fault.Unavailable, err, "look at the log")
			}
			out = append(out, s)
		}
		return &listed[LogStream]{pageOf(out, len(out), nil)}, nil
	})
}

func (g *Gateway) logStream(ctx context.Context, name string) (LogStream, error) {
	s, err := g.opt.JS.Stream(ctx, name)
	if err != nil {
		return LogStream{}, err
	}
	info := s.CachedInfo()
	state, config := &info.State, &info.Config
	out := LogStream{
		Name: name, Description: config.Description, Messages: ID(state.Msgs), Bytes: ID(state.Bytes), FirstSeq: ID(state.FirstSeq), LastSeq: ID(state.LastSeq),
		LastAt: stamp(&state.LastTime), Subjects: ID(state.NumSubjects), Replicas: config.Replicas, MaxAgeS: int64(config.MaxAge / time.Second),
		Behind: []string{}, Consumers: []LogConsumer{},
	}
	if c := info.Cluster; c != nil {
		out.Leader = c.Leader
		for _, p := range c.Replicas {
			if !p.Current || p.Offline {
				out.Behind = append(out.Behind, p.Name)
			}
		}
	}
	var shared []*jetstream.ConsumerInfo
	all := s.ListConsumers(ctx)
	for c := range all.Info() { // to the end: the lister waits until everything is taken
		if c.Config.AckPolicy == jetstream.AckNonePolicy {
			out.Readers++
		} else {
			shared = append(shared, c)
		}
	}
	if err := all.Err(); err != nil {
		return out, err
	}
	slices.SortFunc(shared, func(a, b *jetstream.ConsumerInfo) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range shared[:min(len(shared), maxConsumers)] {
		one, err := logConsumer(ctx, s, c)
		if err != nil {
			return out, err
		}
		out.Consumers = append(out.Consumers, one)
	}
	out.More = len(shared) - len(out.Consumers)
	return out, nil
}

func logConsumer(ctx context.Context, s jetstream.Stream, c *jetstream.ConsumerInfo) (LogConsumer, error) {
	filters := c.Config.FilterSubjects
	if c.Config.FilterSubject != "" {
		filters = []string{c.Config.FilterSubject}
	}
	if filters == nil {
		filters = []string{}
	}
	out := LogConsumer{
		Name: c.Name, Filters: filters, Pending: ID(c.NumPending), InHand: ID(max(c.NumAckPending, 0)), Redelivered: ID(max(c.NumRedelivered, 0)),
		Waiting: c.NumWaiting, Delivered: ID(c.Delivered.Stream), Done: ID(c.AckFloor.Stream), LastAt: stamp(c.Delivered.Last),
	}
	if out.Pending+out.InHand == 0 {
		return out, nil
	}
	oldest := time.Time{}
	for _, f := range append(slices.Clone(filters), whole(filters)...) {
		m, err := s.GetMsg(ctx, c.AckFloor.Stream+1, jetstream.WithGetMsgSubject(f))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // done while we looked
		}
		if err != nil {
			return out, err
		}
		if oldest.IsZero() || m.Time.Before(oldest) {
			oldest = m.Time
		}
	}
	out.OldestAt = stamp(&oldest)
	return out, nil
}

// whole is what to look for where there is no filter.
func whole(filters []string) []string {
	if len(filters) == 0 {
		return []string{">"}
	}
	return nil
}

// stamp is a time of the server's, which says year 1 for never.
func stamp(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	at := t.UTC()
	return &at
}
