package engine

import (
	"context"
	"time"
)

// cancellable kills the running statement when its client goes away or the
// server stops. The returned function must be called when it has ended.
func (r *run) cancellable() (ended func()) {
	over, gone := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(r.ctx, func() {
		defer close(gone)
		r.s.kill(r.tag, over)
	})
	return func() {
		close(over)
		if !stop() {
			<-gone
		}
	}
}

// kill asks the engine to end a statement. A statement that the engine has not
// registered yet cannot be killed, so it asks again until told it has ended.
func (s *Server) kill(tag string, ended <-chan struct{}) {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		s.killMu.Lock()
		_, err := s.killer.Exec("KILL QUERY WHERE startsWith(query, "+quoteString(tag)+") OR Settings['log_comment'] = "+quoteString(tag)+" ASYNC", "Null")
		s.killMu.Unlock()
		if err != nil {
			s.log.Warn("cancel a ClickHouse statement", "error", err)
		}
		select {
		case <-ended:
			return
		case <-again.C:
		}
	}
}
