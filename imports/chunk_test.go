package imports

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"muster/events"
	"muster/events/rows"
	"muster/internal/fault"
)

// manyTags is n different tags, as scattered and as long as they can be.
func manyTags(n int) string {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // any numbers will do, the same in every run
	seen := map[uint32]bool{}
	var b strings.Builder
	for len(seen) < n {
		tag := r.Uint32()%3_000_000_000 + 1_000_000_000
		if !seen[tag] {
			seen[tag] = true
			fmt.Fprintf(&b, "%d ", tag)
		}
	}
	return b.String()
}

// worstAttributes is an object of as many bytes as are taken, which grow the most when they are written again.
func worstAttributes() string {
	return `{"a":"` + strings.Repeat("<", maxAttrBytes-len(`{"a":""}`)) + `"}`
}

// TestNoRowIsTooLargeForAChunk takes the largest rows that are allowed: each, and any number of them, in chunks
// within the bound. A row beyond is rejected by itself, with its line and field.
func TestNoRowIsTooLargeForAChunk(t *testing.T) {
	in, store := newIngester(t)
	row := func(user int, tags, attrs string) string {
		return fmt.Sprintf("%d,13800000000,%s,%s,\"%s\"\n", user, strings.Repeat("界", maxOpenID), tags, strings.ReplaceAll(attrs, `"`, `""`))
	}
	var body strings.Builder
	body.WriteString("user_id,phone,openid,tags,attributes\n")
	largest := manyTags(maxTags)
	for user := range 8 {
		body.WriteString(row(user+1, largest, worstAttributes()))
	}
	body.WriteString(row(9, manyTags(maxTags+1), "{}"))                     // line 10
	body.WriteString(row(10, manyTags(60_000), "{}"))                       // line 11
	body.WriteString(row(11, largest+largest, "{}"))                        // equal ones count once
	body.WriteString(row(12, "1", `{"a":"`+strings.Repeat("x", 5000)+`"}`)) // line 13
	req := idRequest("u1", body.String())
	req.Target, req.GroupID, req.Content, req.ContentType = events.TargetUsers, 0, events.TypeUploadUsers, "text/csv"
	req.Settings = events.Settings{ChunkSize: 10_000, RejectedKept: 10}
	res, err := in.Ingest(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	want := []events.Rejection{{Line: 10, Field: "tags", Reason: "has more than 10000 tags"}, {Line: 11, Field: "tags", Reason: "has more than 10000 tags"},
		{Line: 13, Field: "attributes", Reason: "is longer than 4 KiB"}}
	if !slices.Equal(res.Rejections, want) || res.Summary.Accepted != 9 {
		t.Fatalf("%d rows were taken, rejected are %v", res.Summary.Accepted, res.Rejections)
	}
	users, largestChunk := 0, 0
	for _, e := range load(t, store, "u1") {
		if e.Type != events.TypeUploadUsers {
			continue
		}
		largestChunk = max(largestChunk, len(e.Data))
		if err := in.codec.DecodeUsers(e.Data, func(u rows.User) error {
			users++
			if len(u.Tags) != maxTags {
				t.Errorf("user %d has %d tags", u.UserID, len(u.Tags))
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	if users != 9 || largestChunk > maxChunkBytes {
		t.Errorf("%d users, a chunk of %d bytes", users, largestChunk)
	}
}

// A row that no chunk can hold, if the limits of values ever let one through, ends the upload.
func TestAChunkBeyondTheBoundIsNotWritten(t *testing.T) {
	in, store := newIngester(t)
	sp, err := specOf(events.TypeUploadUsers)
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{in: in, req: idRequest("u1", ""), spec: sp, subject: events.EventSubject("demo", "upload", "u1")}
	tags, why := parseTags([]byte(manyTags(maxTags)))
	if why != "" {
		t.Fatal(why)
	}
	for len(tags) < 200_000 {
		tags = append(tags, rand.Uint32()) //nolint:gosec // any numbers will do
	}
	if err := w.write(t.Context(), &chunk{n: 1, users: []rows.User{{UserID: 1, HasTags: true, Tags: tags}}}); !fault.Is(err, fault.TooLarge) {
		t.Fatalf("got %v", err)
	}
	if len(w.pending) != 0 || len(load(t, store, "u1")) != 0 {
		t.Error("it was written")
	}
}
