package events

import (
	"strings"

	"muster/internal/fault"
)

// The streams.
const (
	StreamCommands = "COMMANDS"
	StreamEvents   = "EVENTS"
	StreamSends    = "SENDS"
	StreamLedger   = "LEDGER"
)

// Subject names one aggregate: "evt.<biz>.<aggregate>.<id>" in EVENTS, or
// "ledger.<biz>.<campaign>.<range>" in LEDGER. It is comparable.
type Subject struct {
	Stream    string // StreamEvents or StreamLedger
	Biz       string
	Aggregate string // kind of aggregate; the campaign's id in the ledger
	ID        string // the aggregate's id; the range's number in the ledger
}

// EventSubject is the subject of an aggregate in EVENTS.
func EventSubject(biz, aggregate, id string) Subject {
	return Subject{Stream: StreamEvents, Biz: biz, Aggregate: aggregate, ID: id}
}

// LedgerSubject is the subject of one range of a campaign's sends.
func LedgerSubject(biz, campaign, rng string) Subject {
	return Subject{Stream: StreamLedger, Biz: biz, Aggregate: campaign, ID: rng}
}

// SendSubject is the NATS subject of a range's send command in SENDS.
func SendSubject(biz, campaign, rng string) string {
	return "send." + biz + "." + campaign + "." + rng
}

func prefixOf(stream string) string {
	if stream == StreamLedger {
		return "ledger"
	}
	return "evt"
}

// String returns the NATS subject.
func (s Subject) String() string {
	return prefixOf(s.Stream) + "." + s.Biz + "." + s.Aggregate + "." + s.ID
}

// Validate reports a part that is not a legal token.
func (s Subject) Validate() error {
	if s.Stream != StreamEvents && s.Stream != StreamLedger {
		return fault.Field("stream", "%q holds no aggregates", s.Stream)
	}
	if !ValidBiz(s.Biz) {
		return fault.Field("biz", "%q is not a product line: use a-z, 0-9, _ and -, at most 32", s.Biz)
	}
	if !ValidToken(s.Aggregate) {
		return fault.Field("aggregate", "%q: use A-Z, a-z, 0-9, _ and -, at most 128", s.Aggregate)
	}
	if !ValidToken(s.ID) {
		return fault.Field("id", "%q: use A-Z, a-z, 0-9, _ and -, at most 128", s.ID)
	}
	return nil
}

// ParseSubject reads what String wrote, and refuses everything else.
func ParseSubject(subject string) (Subject, error) {
	parts := strings.SplitN(subject, ".", 5)
	if len(parts) != 4 {
		return Subject{}, fault.Field("subject", "%.200q does not have four tokens", subject)
	}
	s := Subject{Biz: parts[1], Aggregate: parts[2], ID: parts[3]}
	switch parts[0] {
	case "evt":
		s.Stream = StreamEvents
	case "ledger":
		s.Stream = StreamLedger
	default:
		return Subject{}, fault.Field("subject", "%.200q is neither evt. nor ledger.", subject)
	}
	if err := s.Validate(); err != nil {
		return Subject{}, err
	}
	return s, nil
}

// ValidBiz says whether s may name a product line, or is the system scope.
func ValidBiz(s string) bool {
	if s == SystemScope {
		return true
	}
	if len(s) == 0 || len(s) > 32 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		lower := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !lower && (i == 0 || c != '_' && c != '-') {
			return false
		}
	}
	return true
}

// ValidToken says whether s may be one token of a subject: 1 to 128 of
// [A-Za-z0-9_-].
func ValidToken(s string) bool {
	if len(s) == 0 || len(s) > 128 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
