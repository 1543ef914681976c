package gateway

import (
	"context"
	"sync"
)

// shares hands out a number of places, to each key a part of them at the most, so that
// what one key does for long cannot shut out the others.
type shares struct {
	mu    sync.Mutex
	free  int
	each  int
	by    map[string]int // places taken, by key id
	moved chan struct{}  // closed when a place is given back
}

func newShares(all, each int) *shares {
	return &shares{free: all, each: each, by: map[string]int{}, moved: make(chan struct{})}
}

// wait takes a place as soon as there is one; false: ctx ended before.
func (s *shares) wait(ctx context.Context, key string) bool {
	for {
		s.mu.Lock()
		moved := s.moved
		s.mu.Unlock()
		if s.take(key) {
			return true
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}

func (s *shares) take(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free == 0 || s.by[key] == s.each {
		return false
	}
	s.free--
	s.by[key]++
	return true
}

func (s *shares) giveBack(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	if s.by[key]--; s.by[key] == 0 {
		delete(s.by, key)
	}
	close(s.moved)
	s.moved = make(chan struct{})
}
