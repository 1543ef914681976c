package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
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

// eventsQuery chooses events of the audit log.
type eventsQuery struct {
	InBiz
	Aggregate string `query:"aggregate" doc:"Only those of a kind (group), or of one (group.12)" example:"campaign.31"`
	Type      string `query:"type" maxLength:"128" doc:"Only those of a type" example:"group.created"`
	Actor     string `query:"actor" maxLength:"512" doc:"Only what a key (its id, alone or as key:id) or a policy (its name) did"`
	Since     moment `query:"since" doc:"Only what was decided then or later"`
	Until     moment `query:"until" doc:"Only what was decided before"`
	Order     string `query:"order" enum:"oldest,newest" default:"oldest" doc:"Which come first"`
	After     string `query:"after" doc:"Sequence: only later ones; the cursor of order=oldest"`
	Before    string `query:"before" doc:"Sequence: only earlier ones; the cursor of order=newest"`
	Limit     int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// moment is a time that may be left out: every time is one, the first of all too.
type moment struct {
	time time.Time
	at   *time.Time
}

// Receiver is what huma reads into.
func (m *moment) Receiver() reflect.Value { return reflect.ValueOf(&m.time).Elem() }

// OnParamSet is called with what huma read.
func (m *moment) OnParamSet(set bool, _ any) {
	if set {
		m.at = &m.time
	}
}

// Schema is a time's.
func (moment) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[time.Time]())
}

func (g *Gateway) registerEvents() {
	r := at(Viewer, http.MethodGet, "/v1/{biz}/events", "list-events", tagOperations, "The audit log: what happened, in order").
		about("One answer looks at a bounded part of the log: where few events match, a page may be short, or empty, and still have a next one. " +
			"`_` in the place of the product line is what belongs to none (keys, settings): for admins of all product lines.")
	handle(g, r, func(ctx context.Context, in *eventsQuery) (*listed[Event], error) {
		filter, err := eventFilter(in.Biz, in.Aggregate)
		if err == nil {
			err = g.auditable(ctx, in.Biz)
		}
		if err != nil {
			return nil, err
		}
		after, err := sequence("after", in.After)
		if err != nil {
			return nil, err
		}
		before, err := sequence("before", in.Before)
		if err != nil {
			return nil, err
		}
		s := search{filter: filter, typ: in.Type, actor: in.Actor, since: in.Since.at, until: in.Until.at, limit: min(in.Limit, maxEvents)}
		newest := in.Order == "newest"
		switch {
		case newest && in.After != "":
			return nil, fault.Field("after", "goes with order=oldest")
		case !newest && in.Before != "":
			return nil, fault.Field("before", "goes with order=newest")
		}
		return pageAt(g.look(ctx, s, newest, after, before))
	})
}

// auditable says whether there is a log of this name for the caller.
func (g *Gateway) auditable(ctx context.Context, biz string) error {
	if biz != events.SystemScope {
		_, err := g.state.biz(biz)
		return err
	}
	if p := principalOf(ctx); p.Role < Admin {
		return fault.New(fault.Forbidden, "this needs the role %s", Admin)
	}
	return nil
}

// sequence reads a parameter; none is 0.
func sequence(name, text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, fault.Field(name, "is not a sequence")
	}
	return n, nil
}

// pageAt is a page whose cursor is a sequence; 0 is the last one's.
func pageAt(items []Event, next uint64, err error) (*listed[Event], error) {
	if err != nil {
		return nil, err
	}
	out := &listed[Event]{pageOf(items, len(items), nil)}
	if next > 0 {
		out.Body.Next = strconv.FormatUint(next, 10)
	}
	return out, nil
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
