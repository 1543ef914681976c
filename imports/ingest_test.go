package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"go.uber.org/goleak"

	"muster/commands"
	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newIngester(t testing.TB) (*Ingester, *events.Store) {
	t.Helper()
	store := natstest.New(t).Store
	catalog, err := events.NewCatalog(events.All())
	if err != nil {
		t.Fatal(err)
	}
	codec, err := rows.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return New(store, catalog, codec, slog.New(slog.DiscardHandler)), store
}

func idRequest(id, body string) Request {
	return Request{Biz: "demo", CommandID: id, Actor: "k1", Target: events.TargetGroup, GroupID: 12, Content: events.TypeUploadIDs,
		Source: "http", ContentType: "text/plain", Body: strings.NewReader(body), Settings: events.Settings{ChunkSize: 100, RejectedKept: 2}}
}

func load(t *testing.T, store *events.Store, id string) []events.Event {
	t.Helper()
	all, _, err := store.Load(context.Background(), events.EventSubject("demo", "upload", id), 0)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func types(all []events.Event) string {
	var names []string
	for _, e := range all {
		names = append(names, strings.TrimPrefix(string(e.Type), "upload."))
	}
	return strings.Join(names, " ")
}

func TestIngestWritesChunksThatAddUp(t *testing.T) {
	in, store := newIngester(t)
	var body strings.Builder
	for i := range 250 {
		fmt.Fprintln(&body, i%200)
	}
	body.WriteString("x\ny\nz\n")
	res, err := in.Ingest(context.Background(), idRequest("u1", body.String()))
	if err != nil {
		t.Fatal(err)
	}
	s := res.Summary
	if s.Rows != 253 || s.Accepted != 250 || s.Rejected != 3 || s.Chunks != 3 || len(res.Rejections) != 2 || len(s.BodyHash) != 64 {
		t.Errorf("summary %+v, %d rejections", s, len(res.Rejections))
	}
	all := load(t, store, "u1")
	if got := types(all); got != "started ids ids ids rejected" {
		t.Fatalf("events %s", got)
	}
	union, rows := roaring64.New(), uint64(0)
	for i, e := range all[1:4] {
		b := roaring64.New()
		if err := b.UnmarshalBinary(e.Data); err != nil {
			t.Fatal(err)
		}
		union.Or(b)
		rows += e.Count
		if e.Part != uint64(i+1) || e.Encoding != events.EncodingRoaring64 || e.CommandID != "u1" || e.Correlation != "u1" || e.Actor != "k1" {
			t.Errorf("chunk %+v", e)
		}
	}
	if union.GetCardinality() != 200 || rows != s.Accepted || all[4].Hash != s.Hash {
		t.Errorf("%d users in %d rows, hash %s", union.GetCardinality(), rows, s.Hash)
	}
}

func TestLargeChunksAreSplit(t *testing.T) {
	in, store := newIngester(t)
	var body strings.Builder
	for i := uint64(0); i < 40_000; i++ {
		fmt.Fprintln(&body, i*0x9E3779B97F4A7C15) // scattered: every id is its own container
	}
	req := idRequest("u1", body.String())
	req.Settings.ChunkSize = 100_000
	res, err := in.Ingest(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	var rows, last uint64
	for _, e := range load(t, store, "u1")[1:] {
		rows += e.Count
		last = e.Part
		if len(e.Data) > maxChunkBytes {
			t.Errorf("a chunk of %d bytes", len(e.Data))
		}
	}
	if rows != 40_000 || res.Summary.Chunks != last || last < 2 {
		t.Errorf("%d rows in %d chunks of %d", rows, last, res.Summary.Chunks)
	}
}

func TestAFaultLeavesNothingThatCounts(t *testing.T) {
	in, store := newIngester(t)
	_, err := in.Ingest(context.Background(), idRequest("early", ""))
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("an empty file: %v", err)
	}
	if all := load(t, store, "early"); len(all) != 0 {
		t.Errorf("an empty file left %s", types(all))
	}
	req := idRequest("late", "")
	req.Settings.ChunkSize = 1000
	var body strings.Builder
	for i := range 300_000 {
		fmt.Fprintln(&body, i)
	}
	req.Body = io.MultiReader(strings.NewReader(body.String()), failing{io.ErrUnexpectedEOF})
	if _, err = in.Ingest(context.Background(), req); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "cut off") {
		t.Fatalf("a body cut off: %v", err)
	}
	all := load(t, store, "late")
	if last := all[len(all)-1]; last.Type != events.TypeUploadAbandoned || !strings.Contains(string(last.Data), "cut off") || strings.Contains(string(last.Data), "EOF") {
		t.Errorf("the last event is %s %s", last.Type, last.Data)
	}
	// The same id once more, whole: begun again.
	if _, err := in.Ingest(context.Background(), idRequest("late", "1\n2\n")); err != nil {
		t.Fatal(err)
	}
	if all = load(t, store, "late"); types(all[len(all)-2:]) != "started ids" || all[len(all)-1].Part != 1 {
		t.Errorf("the second try is %s", types(all[len(all)-2:]))
	}
}

func TestReplay(t *testing.T) {
	in, store := newIngester(t)
	ctx := context.Background()
	first, err := in.Ingest(ctx, idRequest("u1", "1\n2\nx\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := first.Summary
	done, err := in.catalog.Encode(events.UploadCompleted{Target: events.TargetGroup, GroupID: 12, Content: events.TypeUploadIDs,
		Rows: s.Rows, Accepted: s.Accepted, Rejected: s.Rejected, Chunks: s.Chunks, Hash: s.Hash, BodyHash: s.BodyHash})
	if err != nil {
		t.Fatal(err)
	}
	all := load(t, store, "u1")
	sub := events.EventSubject("demo", "upload", "u1")
	if _, err := store.Append(ctx, []events.Append{{Subject: sub, Expected: all[len(all)-1].At(), Events: []events.Event{done}}}); err != nil {
		t.Fatal(err)
	}
	again, err := in.Ingest(ctx, idRequest("u1", "1\n2\nx\n"))
	if err != nil || !again.Replayed || again.Summary != s {
		t.Errorf("replay: %+v (%v), want %+v", again, err, s)
	}
	if _, err := in.Ingest(ctx, idRequest("u1", "1\n2\n")); !fault.Is(err, fault.Mismatch) {
		t.Errorf("another body: %v", err)
	}
	if _, err := in.Ingest(ctx, idRequest("u1", "")); !fault.Is(err, fault.Mismatch) && !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty body: %v", err)
	}
	if n := len(load(t, store, "u1")); n != len(all)+1 {
		t.Errorf("a replay wrote: %d events", n)
	}
}

// gate is a body that stops half-way until it is opened.
type gate struct {
	first  io.Reader
	second io.Reader
	waits  chan<- struct{}
	open   <-chan struct{}
	passed bool
}

func (g *gate) Read(p []byte) (int, error) {
	n, err := g.first.Read(p)
	if !errors.Is(err, io.EOF) || n > 0 {
		return n, nil
	}
	if !g.passed {
		g.passed = true
		close(g.waits)
		<-g.open
	}
	return g.second.Read(p)
}

func TestTwoAtOnce(t *testing.T) {
	in, _ := newIngester(t)
	waits, open := make(chan struct{}), make(chan struct{})
	req := idRequest("u1", "")
	req.Body = &gate{first: strings.NewReader("1\n2\n"), second: strings.NewReader("3\n"), waits: waits, open: open}
	lost := make(chan error, 1)
	go func() {
		_, err := in.Ingest(context.Background(), req)
		lost <- err
	}()
	<-waits
	if _, err := in.Ingest(context.Background(), idRequest("u1", "1\n2\n3\n")); err != nil {
		t.Errorf("the faster: %v", err)
	}
	close(open)
	if err := <-lost; !fault.Is(err, fault.Conflict) {
		t.Errorf("the slower: %v", err)
	}
}

// TestTwoOfOneCommand lets a second process take in the same body before the first one's command is stored:
// what the first wrote stays whole, and so do the second one's rows.
func TestTwoOfOneCommand(t *testing.T) {
	in, store := newIngester(t)
	first, err := in.Ingest(t.Context(), idRequest("u1", "1\n2\n"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := in.Ingest(t.Context(), idRequest("u1", "1\n2\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []commands.UploadSummary{first.Summary, second.Summary} {
		all := load(t, store, s.UploadID)
		if types(all) != "started ids" || all[1].Hash != s.Hash || all[1].CommandID != "u1" {
			t.Errorf("%s holds %s, its end is %s, want %s", s.UploadID, types(all), all[len(all)-1].Hash, s.Hash)
		}
	}
}
