package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// repeat times fn n times and returns the sorted latencies.
func repeat(n int, fn func(i int) error) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range n {
		began := time.Now()
		if err := fn(i); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// percentile of sorted latencies.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

// segment counts five clauses, beside its own SQL run by hand.
func (s *suite) segment(ctx context.Context) error {
	groups, err := s.call(ctx, "GET", "/v1/demo/groups", nil)
	if err != nil {
		return err
	}
	first, _ := groups["items"].([]any)[0].(object)
	where := fmt.Sprintf("group(%.0f) and (tag(1) or tag(2)) and not tag(12) and orders(days=2) > 1", first["id"])
	plan, err := s.call(ctx, "POST", "/v1/demo/segments:explain", object{"where": where})
	if err != nil {
		return err
	}
	query, ok := plan["sql"].(string)
	if !ok {
		return fmt.Errorf("explain gives no SQL with its values in it: %v", plan)
	}
	const n = 15
	var mine, hand []time.Duration
	for range n { // in turn, so that a noisy minute hits both
		one, err := repeat(1, func(int) error {
			_, err := s.call(ctx, "POST", "/v1/demo/segments:count", object{"where": where})
			return err
		})
		if err != nil {
			return err
		}
		two, err := repeat(1, func(int) error { _, err := s.sql(ctx, query, nil); return err })
		if err != nil {
			return err
		}
		mine, hand = append(mine, one...), append(hand, two...)
	}
	slices.Sort(mine)
	slices.Sort(hand)
	s.record(Figure{Name: "segment of five clauses, median", Value: ms(percentile(mine, 50)), Unit: "ms",
		Reference: "its SQL by hand", RefValue: ms(percentile(hand, 50))})
	return nil
}

// lookups asks for single users, beside the door's emptiest answer.
func (s *suite) lookups(ctx context.Context) error {
	groups, err := s.call(ctx, "GET", "/v1/demo/groups", nil)
	if err != nil {
		return err
	}
	first, _ := groups["items"].([]any)[0].(object)
	const n = 300
	bare, err := repeat(n, func(int) error { _, err := s.call(ctx, "GET", "/healthz", nil); return err })
	if err != nil {
		return err
	}
	user := func() int { return 1 + rand.IntN(s.users) }
	member, err := repeat(n, func(int) error {
		_, err := s.call(ctx, "GET", fmt.Sprintf("/v1/demo/groups/%.0f/members/%d", first["id"], user()), nil)
		return err
	})
	if err != nil {
		return err
	}
	of, err := repeat(n, func(int) error {
		_, err := s.call(ctx, "GET", fmt.Sprintf("/v1/demo/users/%d/groups", user()), nil)
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		took []time.Duration
	}{{"is-member", member}, {"groups of a user", of}} {
		for _, p := range []int{50, 99} {
			s.record(Figure{Name: fmt.Sprintf("%s, p%d", f.name, p), Value: ms(percentile(f.took, p)), Unit: "ms",
				Reference: "an empty request", RefValue: ms(percentile(bare, p))})
		}
	}
	return nil
}
