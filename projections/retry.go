package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// transient says whether an error is about an engine that is away or out of
// resources, and not about the event: it is retried for ever and stops nothing.
func transient(err error) bool {
	return fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Timeout) || clickhouse.IsCode(err, clickhouse.CodeMemoryLimit)
}

// brief says what kind of error it is and no more: the words of a cause may quote
// data, which belongs neither into a log nor before a viewer.
func brief(err error) string {
	var refused *clickhouse.ServerError
	if errors.As(err, &refused) {
		return fmt.Sprintf("%s: ClickHouse code %d %s", fault.CodeOf(err), refused.Code, refused.Name)
	}
	var e *fault.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%s: %s", e.Code, e.Msg) // our own words
	}
	return string(fault.CodeOf(err))
}

// How long a retry waits: it doubles from the first to the last.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = 15 * time.Second
)

// persist calls fn until it succeeds, fails for good, or ctx ends.
func persist(ctx context.Context, log *slog.Logger, doing string, fn func() error) error {
	wait := firstWait
	for {
		err := fn()
		if err == nil || ctx.Err() != nil || !transient(err) {
			if err != nil && ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
		log.Warn("an engine is away; trying again", "doing", doing, "wait", wait, "error", err)
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
		wait = min(2*wait, lastWait)
	}
}
