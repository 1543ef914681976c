package events

import "testing"

// TestReplicasAreLoweredOnlyWhenAsked: a process that was told nothing of replicas must not take copies away from a
// cluster that somebody gave three.
func TestReplicasAreLoweredOnlyWhenAsked(t *testing.T) {
	for _, c := range []struct {
		name       string
		have, said int
		want       int
		tells      string
	}{
		{"nothing said, three there", 3, 0, 3, "EVENTS: Replicas: 3, left as it is: nats.replicas is not set"},
		{"nothing said, one there", 1, 0, 1, ""},
		{"one said, three there", 3, 1, 1, "EVENTS: Replicas: 3 → 1"},
		{"three said, one there", 1, 3, 3, "EVENTS: Replicas: 1 → 3"},
		{"three said, three there", 3, 3, 3, ""},
	} {
		for _, want := range streamConfigs(StreamsConfig{Replicas: c.said}) {
			if want.Name != StreamEvents {
				continue
			}
			have := want
			have.Replicas = c.have
			merged, changes, kept := mergeStream(have, want)
			var tells string
			for _, one := range append(changes, kept...) {
				tells += one.String()
			}
			if merged.Replicas != c.want || tells != c.tells || (len(changes) > 0) != (c.want != c.have) {
				t.Errorf("%s: %d replicas, told %q", c.name, merged.Replicas, tells)
			}
		}
	}
}

func TestANewStreamHasAtLeastOneReplica(t *testing.T) {
	for said, want := range map[int]int{0: 1, 1: 1, 3: 3} {
		for _, cfg := range streamConfigs(StreamsConfig{Replicas: said}) {
			if got := created(cfg).Replicas; got != want {
				t.Errorf("%s: %d replicas for %d", cfg.Name, got, said)
			}
		}
	}
}
