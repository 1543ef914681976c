package events

import (
	"context"
	"log/slog"

	"muster/internal/fault"
)

// StandStill is for services that follow the log. A damaged log must stop whoever reads
// it, visibly, but not the process with everything that reads something else: so their
// error ends here, is told once, and they stand still until ctx ends. Any other error
// is returned as it is.
func StandStill(ctx context.Context, log *slog.Logger, who string, err error) error {
	if ctx.Err() != nil || !fault.Is(err, fault.Corrupt) {
		return err
	}
	log.Error("the log is damaged: a service stands still", "service", who, "error", err)
	<-ctx.Done()
	return ctx.Err()
}
