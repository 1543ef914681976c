package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// connect opens a connection of the test's own to a log, as the NATS CLI would.
func connect(t testing.TB, url string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// natsURL is where the server's log is: inside of it, or where its environment says.
func (s *server) natsURL() string {
	for _, v := range s.env {
		if url, ok := strings.CutPrefix(v, "MUSTER_NATS_URL="); ok {
			return url
		}
	}
	return s.endpoints.NATS
}

// entry is one message of the log.
type entry struct {
	subject string
	kind    string // Muster-Type
	command string // Muster-Command
	at      time.Time
	seq     uint64
	data    []byte
}

// entries reads all messages of a stream on one subject, wildcards included, in order.
func (s *server) entries(stream, filter string) []entry {
	s.t.Helper()
	r := s.readLog(stream, filter, 1)
	var all []entry
	for {
		e, ok, err := r.next()
		if err != nil {
			s.t.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, e)
	}
}

// logReader reads a stream's messages on one subject, one after the other.
type logReader struct {
	t      testing.TB
	stream jetstream.Stream
	filter string
	seq    uint64 // to look from
}

// readLog begins at a sequence; 0 is behind the newest message.
func (s *server) readLog(stream, filter string, from uint64) *logReader {
	s.t.Helper()
	js, err := jetstream.New(connect(s.t, s.natsURL()))
	if err != nil {
		s.t.Fatal(err)
	}
	st, err := js.Stream(s.t.Context(), stream)
	if err != nil {
		s.t.Fatal(err)
	}
	if from == 0 {
		from = st.CachedInfo().State.LastSeq + 1
	}
	return &logReader{s.t, st, filter, from}
}

// next is the next message, if there is one yet.
func (r *logReader) next() (entry, bool, error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	m, err := r.stream.GetMsg(ctx, r.seq, jetstream.WithGetMsgSubject(r.filter))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return entry{}, false, nil
	}
	if err != nil {
		return entry{}, false, err
	}
	r.seq = m.Sequence + 1
	return entry{m.Subject, m.Header.Get("Muster-Type"), m.Header.Get("Muster-Command"), m.Time, m.Sequence, m.Data}, true, nil
}
