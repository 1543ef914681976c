package gateway

import "sync"

// shares hands out a number of places, to each key a quarter of them at the most, so that
// one key's open streams cannot shut out the others.
type shares struct {
	mu   sync.Mutex
	free int
	each int
	by   map[string]int // places taken, by key id
}

func newShares(all int) *shares {
	return &shares{free: all, each: max(all/4, 1), by: map[string]int{}}
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
}
