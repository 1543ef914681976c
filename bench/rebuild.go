package bench

import (
	"bytes"
	"context"
	"encoding/json"
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
	if _, err := s.call(ctx, "POST", "/v1/projections/all:rebuild", nil); err != nil {
		return err
	}
	err = await(ctx, func() (bool, error) {
		out, err := s.call(ctx, "GET", "/v1/projections", nil)
		if err != nil {
			return false, err
		}
		list, _ := out["items"].([]any)
		for _, item := range list {
			p, _ := item.(object)
			if p["rebuilding"] == true {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	s.record(Figure{Name: "rebuild of all projections", Value: mib / time.Since(began).Seconds(), Unit: "MiB of log/s",
		Reference: "bare read of the log", RefValue: mib / took.Seconds()})
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
