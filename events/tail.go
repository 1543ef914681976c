package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

// tail is an endless, ordered run over a stream or over some subjects of it. It
// survives lost connections, restarted servers and dropped messages by opening a
// new session at the last sequence + 1. It checks that nothing was lost between
// server and here, and each event's own hash; it does not know whether the stream
// itself has a hole: Reader does.
type tail struct {
	rpc         rpc
	stream      string
	filters     []string // none: the whole stream
	headersOnly bool
	log         *slog.Logger

	next    uint64   // sequence to go on from
	lenient bool     // next is what someone asked for, not what was read up to: it may be beyond the end
	sess    *session // nil: none open
}

// delivery is one event, or (Event.Seq 0) the news that nothing is pending.
type delivery struct {
	event   Event
	pending uint64 // how many follow
}

// read returns the next delivery. Errors are final: the context's, or damage.
func (t *tail) read(ctx context.Context) (delivery, error) {
	wait := 10 * time.Millisecond
	for {
		if t.sess == nil {
			if err := t.open(ctx); err != nil {
				if ctx.Err() != nil {
					return delivery{}, ctx.Err()
				}
				if fault.Is(err, fault.Corrupt) {
					return delivery{}, err
				}
				t.log.Warn("cannot read the log, trying again", "stream", t.stream, "next", t.next, "wait", wait, "error", err)
				if !pause(ctx, wait) {
					return delivery{}, ctx.Err()
				}
				wait = min(2*wait, 250*time.Millisecond)
				continue
			}
		}
		select {
		case d := <-t.sess.out:
			if d.event.Seq > 0 {
				t.next = d.event.Seq + 1
			}
			return d, nil
		default:
		}
		select {
		case d := <-t.sess.out:
			if d.event.Seq > 0 {
				t.next = d.event.Seq + 1
			}
			return d, nil
		case <-ctx.Done():
			return delivery{}, ctx.Err()
		case <-t.sess.failed:
			err := t.sess.err
			if fault.Is(err, fault.Corrupt) && len(t.sess.out) > 0 {
				continue // what came before the damage is good
			}
			t.close()
			if fault.Is(err, fault.Corrupt) {
				return delivery{}, err
			}
			t.log.Debug("reading the log again", "stream", t.stream, "next", t.next, "reason", err)
		}
	}
}

// buffered says that the next read need not wait.
func (t *tail) buffered() bool { return t.sess != nil && len(t.sess.out) > 0 }

// open starts a session at t.next.
func (t *tail) open(ctx context.Context) error {
	last, err := t.lastSeq(ctx)
	if err != nil {
		return err
	}
	if t.next == 0 || t.lenient && t.next > last { // only what is new
		t.next = last + 1
	}
	t.lenient = false
	if t.next > last+1 {
		return &CorruptError{Stream: t.stream, Seq: last + 1, Reason: fmt.Sprintf("the log ends at %d, but was read up to %d before", last, t.next-1)}
	}
	t.sess, err = openSession(ctx, t)
	return err
}

func (t *tail) lastSeq(ctx context.Context) (uint64, error) {
	m, err := t.rpc.request(ctx, &nats.Msg{Subject: t.rpc.prefix + "STREAM.INFO." + t.stream})
	if err != nil {
		return 0, err
	}
	var info struct {
		Error *jetstream.APIError `json:"error"`
		State struct {
			LastSeq uint64 `json:"last_seq"`
		} `json:"state"`
	}
	if err := json.Unmarshal(m.Data, &info); err != nil {
		return 0, err
	}
	if info.Error != nil {
		return 0, info.Error
	}
	return info.State.LastSeq, nil
}

// close ends the session; the next read opens another.
func (t *tail) close() {
	if t.sess != nil {
		t.sess.close()
		t.sess = nil
	}
}

var (
	errLost    = errors.New("messages were lost on the way")
	errSilent  = errors.New("the server fell silent")
	errOffline = errors.New("the connection was lost")
)
