package projections

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// BenchmarkShardsOfAChange says what the members of a group's change take in memory.
func BenchmarkShardsOfAChange(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		n  int
		id func(i int) uint64
	}{
		"10M dense":     {10_000_000, func(i int) uint64 { return uint64(i) }},
		"10M over 100M": {10_000_000, func(int) uint64 { return rng.Uint64N(100_000_000) }},
		"1M over 2^63":  {1_000_000, func(int) uint64 { return rng.Uint64N(1 << 63) }},
	} {
		b.Run(name, func(b *testing.B) {
			chunks := portableChunks(b, c.n, c.id)
			for b.Loop() {
				before := heap()
				peak, ids := before, newShards()
				for i, data := range chunks {
					chunk, err := decodePortable(data)
					if err != nil {
						b.Fatal(err)
					}
					ids.add(chunk)
					if i%100 == 99 {
						peak = max(peak, heap())
					}
				}
				b.ReportMetric(float64(peak-before)/float64(c.n), "peakB/id")
				b.ReportMetric(float64(heap()-before)/float64(c.n), "keptB/id")
				b.ReportMetric(float64(len(ids.by)), "shards")
			}
		})
	}
}

// portableChunks are ids as an upload brings them: ascending, ten thousand to a chunk.
func portableChunks(b *testing.B, n int, id func(int) uint64) [][]byte {
	b.Helper()
	all := make([]uint64, n)
	for i := range all {
		all[i] = id(i)
	}
	slices.Sort(all)
	var out [][]byte
	for part := range chunked(all, 10_000) {
		data, err := roaring64.BitmapOf(part...).ToBytes()
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Ids may come in any order, and twice.
func TestShardsOfChunksInAnyOrder(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	ids, want := newShards(), roaring64.New()
	for range 50 {
		chunk := roaring64.New()
		for range 200 {
			chunk.Add(rng.Uint64N(1 << 20))
		}
		chunk.AddRange(1<<40-100, 1<<40+rng.Uint64N(70_000))
		want.Or(chunk)
		ids.add(chunk)
	}
	got := roaring64.New()
	for shard, bm := range ids.by {
		if bm.Minimum()>>16 != shard || bm.Maximum()>>16 != shard {
			t.Errorf("shard %d holds %d..%d", shard, bm.Minimum(), bm.Maximum())
		}
		got.Or(bm)
	}
	if !got.Equals(want) || ids.count() != want.GetCardinality() {
		t.Errorf("%d ids, want %d", ids.count(), want.GetCardinality())
	}
}
