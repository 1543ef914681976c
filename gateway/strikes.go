package gateway

import (
	"sync"
	"time"
)

const (
	maxStrikes   = 20 // wrong keys per address and window
	strikeWindow = time.Minute
	maxAddresses = 10_000 // remembered at once
)

// strikes counts wrong keys per address, so that who guesses learns little.
type strikes struct {
	mu     sync.Mutex
	now    func() time.Time
	since  time.Time
	counts map[string]int
}

func newStrikes(now func() time.Time) *strikes {
	return &strikes{now: now, since: now(), counts: map[string]int{}}
}

// over counts one more wrong key and says whether there were too many before it.
func (s *strikes) over(addr string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.now(); t.Sub(s.since) > strikeWindow || len(s.counts) > maxAddresses {
		s.since = t
		clear(s.counts)
	}
	s.counts[addr]++
	return s.counts[addr] > maxStrikes
}
