package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"muster/events"
	"muster/internal/fault"
)

func newID() string { return nuid.Next() }

// Event is one event as people read it. Bulk events say what they hold, not its bytes.
type Event struct {
	Seq         ID        `json:"seq"`
	Type        string    `json:"type"`
	Biz         string    `json:"biz"`
	Aggregate   string    `json:"aggregate"`
	AggregateID string    `json:"aggregate_id"`
	Time        time.Time `json:"time"`
	Actor       string    `json:"actor,omitempty"`
	CommandID   string    `json:"command_id,omitempty"`
	Correlation string    `json:"correlation,omitempty"`
	Count       ID        `json:"count,omitempty" doc:"Users or rows of a bulk event"`
	Part        ID        `json:"part,omitempty" doc:"Which chunk or range of its bulk, from 1"`
	Data        rawJSON   `json:"data,omitempty"`
}

func readable(e events.Event) Event {
	out := Event{
		Seq: ID(e.Seq), Type: string(e.Type), Biz: e.Subject.Biz, Aggregate: e.Subject.Aggregate, AggregateID: e.Subject.ID,
		Time: e.Time, Actor: e.Actor, CommandID: e.CommandID, Correlation: e.Correlation, Count: ID(e.Count), Part: ID(e.Part),
	}
	if e.Encoding == events.EncodingJSON && json.Valid(e.Data) {
		out.Data = rawJSON(e.Data)
	}
	return out
}

const maxEvents = 500

var errEnough = errors.New("enough")

func (g *Gateway) registerEvents() {
	type query struct {
		InBiz
		Aggregate string `query:"aggregate" doc:"Only those of a kind (group), or of one (group.12)" example:"campaign.31"`
		After     string `query:"after" doc:"Sequence: only later ones"`
		Limit     int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}
	handle(g, at(Viewer, http.MethodGet, "/v1/{biz}/events", "list-events", tagOperations, "The audit log: what happened, in order"), func(ctx context.Context, in *query) (*listed[Event], error) {
		filter, err := eventFilter(in.Biz, in.Aggregate)
		if err != nil {
			return nil, err
		}
		if _, err := g.state.biz(in.Biz); err != nil {
			return nil, err
		}
		var after uint64
		if in.After != "" {
			if after, err = strconv.ParseUint(in.After, 10, 63); err != nil {
				return nil, fault.Field("after", "is not a sequence")
			}
		}
		ctx, cancel := context.WithTimeout(ctx, g.opt.Read)
		defer cancel()
		all, err := g.eventsAfter(ctx, filter, after, min(in.Limit, maxEvents)+1)
		if err != nil {
			return nil, err
		}
		return &listed[Event]{pageOf(all, in.Limit, func(last Event) string { return last.Seq.String() })}, nil
	})
}

// eventFilter is the NATS subject of what is asked for.
func eventFilter(biz, aggregate string) (string, error) {
	kind, id, one := strings.Cut(aggregate, ".")
	switch {
	case aggregate == "":
		return "evt." + biz + ".>", nil
	case !events.ValidToken(kind), one && !events.ValidToken(id):
		return "", fault.Field("aggregate", "is a kind (group) or one of them (group.12)")
	case one:
		return "evt." + biz + "." + kind + "." + id, nil
	}
	return "evt." + biz + "." + kind + ".*", nil
}

// eventsAfter reads up to limit matching events behind a sequence.
func (g *Gateway) eventsAfter(ctx context.Context, filter string, after uint64, limit int) ([]Event, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all []Event
	caught := false
	err := events.Follow(ctx, g.opt.JS, events.FollowOptions{
		Filters: []string{filter}, From: after + 1, Log: g.opt.Log, CaughtUp: func() { caught = true; cancel() },
	}, func(e events.Event) error {
		if caught {
			return errEnough
		}
		if e.Seq <= after { // which is beyond the end: this one came while we looked
			return nil
		}
		if all = append(all, readable(e)); len(all) >= limit {
			return errEnough
		}
		return nil
	})
	if caught || errors.Is(err, errEnough) {
		return all, nil
	}
	return nil, fault.Wrap(fault.Unavailable, err, "read the log")
}

// eventOf reads the envelope of a stored message as far as the gateway needs it.
func eventOf(m *jetstream.RawStreamMsg) (events.Event, error) {
	subject, err := events.ParseSubject(m.Subject)
	if err != nil {
		return events.Event{}, err
	}
	version, err := strconv.Atoi(m.Header.Get(events.HeaderVersion))
	if err != nil {
		return events.Event{}, fault.Wrap(fault.Corrupt, err, "read an event's version")
	}
	return events.Event{
		Seq: m.Sequence, Subject: subject, Type: events.Type(m.Header.Get(events.HeaderType)), Version: version,
		CommandID: m.Header.Get(events.HeaderCommand), Correlation: m.Header.Get(events.HeaderCorrelation), Data: m.Data,
	}, nil
}
