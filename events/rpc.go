package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

const (
	pageEvents = 1000    // messages of one batched direct get
	pageBytes  = 4 << 20 // bytes of one; the server drops connections that 64 MB wait for
)

// rpc speaks the JetStream requests that nats.go has no call for.
type rpc struct {
	nc      *nats.Conn
	prefix  string // "$JS.API." or that of a domain
	attempt time.Duration
}

func newRPC(js jetstream.JetStream, attempt time.Duration) rpc {
	if attempt == 0 {
		attempt = 5 * time.Second
	}
	opt := js.Options()
	prefix := "$JS.API"
	switch {
	case opt.APIPrefix != "":
		prefix = strings.TrimSuffix(opt.APIPrefix, ".")
	case opt.Domain != "":
		prefix = "$JS." + opt.Domain + ".API"
	}
	return rpc{nc: js.Conn(), prefix: prefix + ".", attempt: attempt}
}

// getRequest is the body of STREAM.MSG.GET and DIRECT.GET (ADR-31).
type getRequest struct {
	Seq       uint64   `json:"seq,omitempty"`
	LastFor   string   `json:"last_by_subj,omitempty"`
	NextFor   string   `json:"next_by_subj,omitempty"`
	Batch     int      `json:"batch,omitempty"`
	MaxBytes  int      `json:"max_bytes,omitempty"`
	MultiLast []string `json:"multi_last,omitempty"`
	UpToSeq   uint64   `json:"up_to_seq,omitempty"`
}

// rawMsg is one stored message.
type rawMsg struct {
	subject string
	seq     uint64
	header  nats.Header
	data    []byte
}

// event decodes and verifies a message; what is not an intact event is a
// *CorruptError.
func (m *rawMsg) event(stream string) (Event, error) {
	e, err := decodeEvent(m.subject, m.seq, m.header, m.data)
	if err == nil {
		err = e.verifySelf(true)
	}
	if err != nil {
		return Event{}, &CorruptError{Stream: stream, Seq: m.seq, Subject: m.subject, Reason: err.Error()}
	}
	return e, nil
}

// request sends one request and waits for its answer, at most r.attempt.
func (r rpc) request(ctx context.Context, m *nats.Msg) (*nats.Msg, error) {
	ctx, cancel := r.bound(ctx)
	defer cancel()
	resp, err := r.nc.RequestMsgWithContext(ctx, m)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return resp, err
}

// bound ends an attempt after r.attempt, or as soon as the connection is lost: no
// answer comes then.
func (r rpc) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancelCause := context.WithCancelCause(ctx)
	ctx, cancel := context.WithTimeout(ctx, r.attempt)
	lost := r.nc.StatusChanged(nats.RECONNECTING, nats.CLOSED)
	go func() {
		select {
		case <-lost:
			cancelCause(errOffline)
		case <-ctx.Done():
		}
		r.nc.RemoveStatusListener(lost)
	}()
	return ctx, func() {
		cancel()
		cancelCause(nil)
	}
}

// leader asks the stream's leader for one message: always the newest truth, where
// a direct get may be answered by a replica that lags. fault.NotFound when there
// is none.
func (r rpc) leader(ctx context.Context, stream string, req getRequest) (rawMsg, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return rawMsg{}, err
	}
	resp, err := r.request(ctx, &nats.Msg{Subject: r.prefix + "STREAM.MSG.GET." + stream, Data: body})
	if err != nil {
		return rawMsg{}, err
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Subject string `json:"subject"`
			Seq     uint64 `json:"seq"`
			Header  []byte `json:"hdrs"`
			Data    []byte `json:"data"`
		} `json:"message"`
	}
	if err := json.Unmarshal(resp.Data, &answer); err != nil {
		return rawMsg{}, fmt.Errorf("answer of STREAM.MSG.GET: %w", err)
	}
	if answer.Error != nil {
		if answer.Error.ErrorCode == codeNotFound {
			return rawMsg{}, fault.New(fault.NotFound, "nothing is stored there")
		}
		return rawMsg{}, answer.Error
	}
	if answer.Message == nil {
		return rawMsg{}, errors.New("answer of STREAM.MSG.GET holds no message")
	}
	m := rawMsg{subject: answer.Message.Subject, seq: answer.Message.Seq, data: answer.Message.Data}
	if len(answer.Message.Header) > 0 {
		if m.header, err = nats.DecodeHeadersMsg(answer.Message.Header); err != nil {
			return rawMsg{}, fmt.Errorf("headers of %s %d: %w", stream, m.seq, err)
		}
	}
	return m, nil
}

func (r rpc) leaderEvent(ctx context.Context, stream string, req getRequest) (Event, error) {
	m, err := r.leader(ctx, stream, req)
	if err != nil {
		return Event{}, err
	}
	return m.event(stream)
}

// page reads the messages of subject from a sequence on, and says how many remain.
func (r rpc) page(ctx context.Context, stream, subject string, from uint64) ([]rawMsg, uint64, error) {
	return r.direct(ctx, stream, getRequest{Seq: from, NextFor: subject, Batch: pageEvents, MaxBytes: pageBytes})
}

// direct runs one batched direct get. No result is an empty page.
func (r rpc) direct(ctx context.Context, stream string, req getRequest) (page []rawMsg, pending uint64, err error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, 0, err
	}
	ctx, cancel := r.bound(ctx)
	defer cancel()
	inbox := r.nc.NewRespInbox()
	sub, err := r.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := r.nc.PublishRequest(r.prefix+"DIRECT.GET."+stream, inbox, body); err != nil {
		return nil, 0, err
	}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return nil, 0, err
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204": // end of batch
			pending, _ = strconv.ParseUint(m.Header.Get("Nats-Num-Pending"), 10, 64)
			return page, pending, nil
		case "404":
			return nil, 0, nil
		case "503":
			return nil, 0, nats.ErrNoResponders
		default:
			return nil, 0, fmt.Errorf("direct get of %s: %s %s", stream, status, m.Header.Get("Description"))
		}
		seq, err := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
		if err != nil {
			return nil, 0, fmt.Errorf("direct get of %s: bad sequence: %w", stream, err)
		}
		page = append(page, rawMsg{subject: m.Header.Get("Nats-Subject"), seq: seq, header: m.Header, data: m.Data})
	}
}

// pubAck is the server's answer to a publish or to a batch's commit.
type pubAck struct {
	Error *jetstream.APIError `json:"error"`
	Seq   uint64              `json:"seq"`
}

// publish sends one message and waits for its ack.
func (r rpc) publish(ctx context.Context, m *nats.Msg) (pubAck, error) {
	resp, err := r.request(ctx, m)
	if err != nil {
		return pubAck{}, err
	}
	var ack pubAck
	if len(resp.Data) == 0 { // a message inside a batch was staged
		return ack, nil
	}
	if err := json.Unmarshal(resp.Data, &ack); err != nil {
		return pubAck{}, fmt.Errorf("publish ack: %w", err)
	}
	if ack.Error != nil {
		return pubAck{}, ack.Error
	}
	return ack, nil
}
