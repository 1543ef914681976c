package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func jsonReader(v any) io.Reader {
	b, err := json.Marshal(v)
	if err != nil {
		return bytes.NewReader(nil)
	}
	return bytes.NewReader(b)
}

// rebuild builds every projection anew, beside a bare read of the log.
func (s *suite) rebuild(ctx context.Context) error {
	mib, took, err := s.bareRead(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	begun, err := s.call(ctx, "POST", "/v1/projections/all:rebuild", nil)
	if err != nil {
		return err
	}
	var done object
	err = await(ctx, func() (bool, error) {
		done, err = s.call(ctx, "GET", fmt.Sprint("/v1/projections/rebuilds/", begun["rebuild_id"]), nil)
		return err == nil && done["status"] != "running", err
	})
	if err != nil {
		return err
	}
	if err := rebuilt(done); err != nil {
		return err
	}
	s.record(Figure{Name: "rebuild of all projections", Value: mib / time.Since(began).Seconds(), Unit: "MiB of log/s",
		Reference: "bare read of the log", RefValue: mib / took.Seconds()})
	return nil
}

// rebuilt wants a rebuild that made tables, and the same as the live ones: how long anything else took says nothing.
func rebuilt(done object) error {
	tables, _ := done["tables"].([]any)
	if done["status"] != "completed" || len(tables) == 0 {
		return fmt.Errorf("the rebuild is %v with %d tables: %v", done["status"], len(tables), done["error"])
	}
	for _, item := range tables {
		if t, _ := item.(object); fmt.Sprint(t["differing"]) != "0" {
			return fmt.Errorf("the rebuilt table differs from the live one: %v", t)
		}
	}
	return nil
}

// bareRead reads EVENTS from end to end and throws it away.
func (s *suite) bareRead(ctx context.Context) (mib float64, took time.Duration, err error) {
	js, done, err := s.jetStream()
	if err != nil {
		return 0, 0, err
	}
	defer done()
	stream, err := js.Stream(ctx, "EVENTS")
	if err != nil {
		return 0, 0, err
	}
	last := stream.CachedInfo().State.LastSeq
	cons, err := js.OrderedConsumer(ctx, "EVENTS", jetstream.OrderedConsumerConfig{})
	if err != nil {
		return 0, 0, err
	}
	it, err := cons.Messages(jetstream.PullMaxMessagesWithBytesLimit(1000, 16<<20))
	if err != nil {
		return 0, 0, err
	}
	defer it.Stop()
	began := time.Now()
	var bytes int
	for {
		m, err := it.Next()
		if err != nil {
			return 0, 0, err
		}
		bytes += len(m.Data())
		meta, err := m.Metadata()
		if err != nil {
			return 0, 0, err
		}
		if meta.Sequence.Stream >= last {
			return float64(bytes) / (1 << 20), time.Since(began), nil
		}
	}
}

// restart stops in order and starts again with everything loaded.
func (s *suite) restart(ctx context.Context) error {
	s.stop()
	took, err := s.start(ctx)
	if err != nil {
		return err
	}
	s.record(Figure{Name: "second start to ready", Value: took.Seconds(), Unit: "s"})
	return nil
}
