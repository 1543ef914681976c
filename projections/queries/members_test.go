package queries

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/fault"
)

// spread are users in many shards: neighbours, lonely ones, and the last ids there are.
func spread(seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(seed, 1))
	set := map[uint64]bool{0: true, 1: true, math.MaxUint64: true, math.MaxUint64 - 1: true, 1 << 63: true, 1<<63 - 1: true}
	for range 300 {
		set[5<<16+r.Uint64N(1000)] = true
	}
	for range 150 { // a shard each
		set[r.Uint64()] = true
		set[r.Uint64N(1<<32)] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func TestMembersInPagesAreAllOfThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := spread(1)
	w.group("b", 7, 1, "seven", "ids", "ready", 1)
	w.group("b", 8, 1, "empty", "ids", "ready", 0)
	w.set("b", "group", 7, 5, users...)
	w.set("b", "group", 7, 3, 2, 5<<16, math.MaxUint64-2) // what was before
	w.set("b", "tag", 7, 9, 3)
	w.set("other", "group", 7, 9, 4)
	w.empty("b", "group", 7, 9999, 6)
	for _, limit := range []int{1, 3, 64, 100, 299, 10_000} {
		var got []uint64
		for from, pages := uint64(0), 0; ; pages++ {
			page, err := w.q.MemberPage(t.Context(), "b", 7, from, limit)
			w.must(err)
			got = append(got, page...)
			if len(page) < limit || page[len(page)-1] == math.MaxUint64 || limit < 64 && pages == 20 {
				break
			}
			from = page[len(page)-1] + 1
		}
		if limit < 64 {
			if !slices.Equal(got, users[:len(got)]) || len(got) < 21*limit {
				t.Fatalf("limit %d: %v, want %v", limit, got, users[:len(got)])
			}
		} else if !slices.Equal(got, users) {
			t.Fatalf("limit %d: %d users, want %d", limit, len(got), len(users))
		}
	}
	page, err := w.q.MemberPage(t.Context(), "b", 7, 1<<63, 2)
	if err != nil || page[0] != 1<<63 {
		t.Errorf("from 2^63: %v, %v", page, err)
	}
	all := roaring64.New()
	last := uint64(0)
	w.must(w.q.Members(t.Context(), "b", 7, func(m *roaring64.Bitmap) error {
		if m.Minimum() < last {
			t.Error("shards come out of order")
		}
		last = m.Minimum()
		all.Or(m)
		return nil
	}))
	if !slices.Equal(all.ToArray(), users) {
		t.Error("the stream holds others")
	}
	none, err := w.q.MemberPage(t.Context(), "b", 8, 0, 10)
	if err != nil || len(none) != 0 || none == nil {
		t.Errorf("an empty group: %v, %v", none, err)
	}
	for _, biz := range []string{"other", "b"} {
		if _, err := w.q.MemberPage(t.Context(), biz, 99, 0, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("no group: %v", err)
		}
	}
	if err := w.q.Members(t.Context(), "other", 7, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("a group of another product line: %v", err)
	}
}

func TestWhoIsMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := spread(2)
	w.group("b", 7, 1, "seven", "ids", "ready", 1)
	w.set("b", "group", 7, 5, users...)
	w.set("b", "group", 7, 3, 2, 12345, 5<<16+2000)
	ask := append(slices.Clone(users), 2, 12345, 5<<16+2000, 1<<40, math.MaxUint64-2, users[3])
	for u := range uint64(9000) { // more than one list
		ask = append(ask, 1<<50+u*65537)
	}
	got, err := w.q.CheckMembers(t.Context(), "b", 7, ask)
	w.must(err)
	for _, u := range ask {
		if in, asked := got[u]; !asked || in != slices.Contains(users, u) {
			t.Errorf("user %d: %v", u, in)
		}
	}
	for _, u := range []uint64{users[0], users[len(users)/2], math.MaxUint64, 2, 12345, 1 << 40} {
		in, err := w.q.IsMember(t.Context(), "b", 7, u)
		if err != nil || in != slices.Contains(users, u) {
			t.Errorf("user %d: %v, %v", u, in, err)
		}
	}
	if _, err := w.q.IsMember(t.Context(), "b", 8, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("no group: %v", err)
	}
	if _, err := w.q.CheckMembers(t.Context(), "b", 8, []uint64{1}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no group: %v", err)
	}
	if _, err := w.q.CheckMembers(t.Context(), "b", 7, make([]uint64, MaxPage+1)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too many: %v", err)
	}
}

func TestGroupsOfAUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := uint64(math.MaxUint64 - 70_000)
	for id := uint64(1); id <= 200; id++ {
		status := "ready"
		if id == 9 {
			status = "archived"
		}
		w.group("b", id, 1, "g", "ids", status, 1)
	}
	var rows [][]any
	for id := uint64(1); id <= 200; id++ {
		members := []uint64{user + 1}
		if id%3 == 0 {
			members = append(members, user)
		}
		rows = append(rows, []any{"b", "group", id, user >> 16, uint64(5), state(t, members...)},
			[]any{"b", "group", id, user >> 16, uint64(4), state(t, user)},
			[]any{"b", "tag", id, user >> 16, uint64(5), state(t, user)})
	}
	w.rows(rows)
	got, err := w.q.UserGroups(t.Context(), "b", user)
	w.must(err)
	var ids, want []uint64
	for _, g := range got {
		ids = append(ids, g.ID)
	}
	for id := uint64(3); id <= 200; id += 3 {
		if id != 9 {
			want = append(want, id)
		}
	}
	if !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
	if none, err := w.q.UserGroups(t.Context(), "c", user); err != nil || len(none) != 0 {
		t.Errorf("another product line: %v, %v", none, err)
	}
}
