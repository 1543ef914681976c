package projections

import (
	"muster/events"
	"muster/internal/fault"
)

func boolByte(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// values copies the rows out of a map.
func values[K comparable, R any](m map[K]*R) []R {
	out := make([]R, 0, len(m))
	for _, r := range m {
		out = append(out, *r)
	}
	return out
}

// unknown is what a projection answers to an event of its aggregate that it does
// not know: a newer Muster wrote it, and to go on would lose it.
func unknown(e events.Event) error {
	return fault.New(fault.Unsupported, "this version of Muster does not know the event %s of %s", e.Type, e.Subject.Aggregate)
}

// maxInList bounds a list that travels as one query parameter: over HTTP it is
// part of the URL.
const maxInList = 1000

// chunked cuts a list into pieces of at most n.
func chunked[T any](list []T, n int) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(list) > 0 {
			k := min(n, len(list))
			if !yield(list[:k]) {
				return
			}
			list = list[k:]
		}
	}
}
