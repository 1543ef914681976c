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
	js, err := jetstream.New(connect(s.t, s.natsURL()))
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	st, err := js.Stream(ctx, stream)
	if err != nil {
		s.t.Fatal(err)
	}
	var all []entry
	for seq := uint64(1); ; {
		m, err := st.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(filter))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return all
		}
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, entry{m.Subject, m.Header.Get("Muster-Type"), m.Header.Get("Muster-Command"), m.Time, m.Sequence, m.Data})
		seq = m.Sequence + 1
	}
}
