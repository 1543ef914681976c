package projections

// Rebuild makes every table anew.
func (b Bench) Rebuild() {
	b.b.Helper()
	s := b.b.service(b.b.db, 0)
	b.b.must(s.begin(b.b.Context()))
	_, err := s.Rebuild(b.b.Context())
	b.b.must(err)
}
