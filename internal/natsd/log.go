package natsd

import (
	"fmt"
	"log/slog"
)

// serverLog turns the server's log into slog records. The server's notices are
// many at each start, so they are debug records here.
type serverLog struct {
	log   *slog.Logger
	fatal chan string
}

func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug(text(format, v), "from", "nats") }
func (l *serverLog) Warnf(format string, v ...any)   { l.log.Warn(text(format, v), "from", "nats") }
func (l *serverLog) Errorf(format string, v ...any)  { l.log.Error(text(format, v), "from", "nats") }
func (l *serverLog) Debugf(format string, v ...any)  { l.log.Debug(text(format, v), "from", "nats") }
func (l *serverLog) Tracef(format string, v ...any)  { l.log.Debug(text(format, v), "from", "nats") }

// Fatalf keeps the first reason; the server's caller gets it as an error.
func (l *serverLog) Fatalf(format string, v ...any) {
	msg := text(format, v)
	select {
	case l.fatal <- msg:
	default:
	}
	l.log.Error(msg, "from", "nats", "fatal", true)
}

func text(format string, v []any) string { return fmt.Sprintf(format, v...) }
