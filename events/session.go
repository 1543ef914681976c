package events

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	sessionBuffer = 1024            // verified events that wait for the reader
	heartbeat     = 2 * time.Second // how often an idle server says that it lives
	silentBeats   = 3               // missed beats until a session is given up
)

// session is one push consumer with flow control: the server sends as fast as we
// answer its flow-control messages, with at most 32 MB under way. The consumer is
// ephemeral, in memory and acks nothing; losing it costs nothing.
type session struct {
	t      *tail
	sub    *nats.Subscription
	name   string // the consumer
	out    chan delivery
	done   chan struct{} // closed by close
	failed chan struct{} // closed by fail, err is set before
	err    error
	once   sync.Once
	alive  atomic.Bool // something came since the last beat
	status chan nats.Status
	cseq   uint64 // last consumer sequence; only touched by receive
	wg     sync.WaitGroup
}

type consumerConfig struct {
	DeliverSubject    string        `json:"deliver_subject"`
	DeliverPolicy     string        `json:"deliver_policy"`
	OptStartSeq       uint64        `json:"opt_start_seq,omitempty"`
	AckPolicy         string        `json:"ack_policy"`
	ReplayPolicy      string        `json:"replay_policy"`
	FilterSubjects    []string      `json:"filter_subjects,omitempty"`
	FlowControl       bool          `json:"flow_control"`
	Heartbeat         time.Duration `json:"idle_heartbeat"`
	HeadersOnly       bool          `json:"headers_only,omitempty"`
	MaxDeliver        int           `json:"max_deliver"`
	Replicas          int           `json:"num_replicas"`
	MemoryStorage     bool          `json:"mem_storage"`
	InactiveThreshold time.Duration `json:"inactive_threshold"`
	Description       string        `json:"description"`
}

// openSession creates the consumer and begins to receive.
func openSession(ctx context.Context, t *tail) (*session, error) {
	s := &session{t: t, out: make(chan delivery, sessionBuffer), done: make(chan struct{}), failed: make(chan struct{})}
	s.status = t.rpc.nc.StatusChanged(nats.RECONNECTING, nats.CLOSED)
	inbox := t.rpc.nc.NewInbox()
	var err error
	if s.sub, err = t.rpc.nc.Subscribe(inbox, s.receive); err != nil {
		s.close()
		return nil, err
	}
	if err := s.sub.SetPendingLimits(-1, -1); err != nil { // flow control bounds it
		s.close()
		return nil, err
	}
	pending, err := s.create(ctx, inbox)
	if err != nil {
		s.close()
		return nil, err
	}
	if pending == 0 {
		select { // nothing to read; a new event may already fill the buffer
		case s.out <- delivery{}:
		default:
		}
	}
	s.wg.Add(1)
	go s.watch()
	return s, nil
}

func (s *session) create(ctx context.Context, inbox string) (pending uint64, err error) {
	t := s.t
	body, err := json.Marshal(map[string]any{"stream_name": t.stream, "config": consumerConfig{
		DeliverSubject: inbox, DeliverPolicy: "by_start_sequence", OptStartSeq: t.next, AckPolicy: "none",
		ReplayPolicy: "instant", FilterSubjects: t.filters, FlowControl: true, Heartbeat: heartbeat,
		HeadersOnly: t.headersOnly, MaxDeliver: 1, Replicas: 1, MemoryStorage: true,
		InactiveThreshold: 10 * time.Second, Description: "muster: " + t.rpc.nc.Opts.Name,
	}})
	if err != nil {
		return 0, err
	}
	m, err := t.rpc.request(ctx, &nats.Msg{Subject: t.rpc.prefix + "CONSUMER.CREATE." + t.stream, Data: body})
	if err != nil {
		return 0, err
	}
	var info struct {
		Error      *jetstream.APIError `json:"error"`
		Name       string              `json:"name"`
		NumPending uint64              `json:"num_pending"`
		Delivered  struct {
			Consumer uint64 `json:"consumer_seq"`
		} `json:"delivered"`
	}
	if err := json.Unmarshal(m.Data, &info); err != nil {
		return 0, err
	}
	if info.Error != nil {
		return 0, info.Error
	}
	s.name = info.Name
	return info.NumPending + info.Delivered.Consumer, nil
}

// receive runs in the subscription's goroutine. It blocks while the reader is
// busy, and so holds back the flow-control answer behind it.
func (s *session) receive(m *nats.Msg) {
	s.alive.Store(true)
	if len(m.Data) == 0 && m.Header.Get("Status") == "100" {
		s.control(m)
		return
	}
	seq, cseq, pending, ok := parseAck(m.Reply)
	if !ok {
		return // not a delivery
	}
	if cseq != s.cseq+1 {
		s.fail(errLost)
		return
	}
	s.cseq = cseq
	e, err := decodeEvent(m.Subject, seq, m.Header, m.Data)
	if err == nil {
		err = e.verifySelf(!s.t.headersOnly)
	}
	if err != nil {
		s.fail(&CorruptError{Stream: s.t.stream, Seq: seq, Subject: m.Subject, Reason: err.Error()})
		return
	}
	if s.t.headersOnly {
		e.Data = nil
	}
	select {
	case s.out <- delivery{event: e, pending: pending}:
	case <-s.done:
	case <-s.failed:
	}
}

// control answers flow control, and compares a heartbeat's count with ours.
func (s *session) control(m *nats.Msg) {
	if m.Reply != "" {
		_ = m.Respond(nil) // a lost answer shows as silence
		return
	}
	if stalled := m.Header.Get("Nats-Consumer-Stalled"); stalled != "" {
		_ = s.t.rpc.nc.Publish(stalled, nil)
	}
	if last := m.Header.Get("Nats-Last-Consumer"); last != "" && last != strconv.FormatUint(s.cseq, 10) {
		s.fail(errLost)
	}
}

func (s *session) fail(err error) {
	s.once.Do(func() { s.err = err; close(s.failed) })
}

// watch gives the session up when the connection is lost or the server silent.
func (s *session) watch() {
	defer s.wg.Done()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for silent := 0; ; {
		select {
		case <-s.done:
			return
		case <-s.failed:
			return
		case <-s.status:
			s.fail(errOffline)
			return
		case <-beat.C:
			if s.alive.Swap(false) || len(s.out) == cap(s.out) {
				silent = 0
			} else if silent++; silent >= silentBeats {
				s.fail(errSilent)
				return
			}
		}
	}
}

func (s *session) close() {
	close(s.done)
	if s.sub != nil {
		_ = s.sub.Unsubscribe()
	}
	if s.name != "" && s.t.rpc.nc.IsConnected() { // spare the server the wait for its threshold
		_ = s.t.rpc.nc.Publish(fmt.Sprintf("%sCONSUMER.DELETE.%s.%s", s.t.rpc.prefix, s.t.stream, s.name), nil)
	}
	s.wg.Wait()
	s.t.rpc.nc.RemoveStatusListener(s.status)
}

// parseAck reads the sequences from a delivery's reply subject:
// $JS.ACK.[domain.account.]stream.consumer.delivered.sseq.cseq.time.pending[.random]
func parseAck(reply string) (sseq, cseq, pending uint64, ok bool) {
	const prefix = "$JS.ACK."
	if !strings.HasPrefix(reply, prefix) {
		return 0, 0, 0, false
	}
	var tokens [12]string
	n := 0
	for rest, more := reply[len(prefix):], true; more && n < len(tokens); n++ {
		tokens[n], rest, more = strings.Cut(rest, ".")
	}
	at := 3 // of sseq, in the short form of 7 tokens
	if n >= 9 {
		at = 5
	} else if n != 7 {
		return 0, 0, 0, false
	}
	var err [3]error
	sseq, err[0] = strconv.ParseUint(tokens[at], 10, 64)
	cseq, err[1] = strconv.ParseUint(tokens[at+1], 10, 64)
	pending, err[2] = strconv.ParseUint(tokens[at+3], 10, 64)
	return sseq, cseq, pending, err == [3]error{}
}
