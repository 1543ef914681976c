package rows

import (
	"bytes"
	"encoding/csv"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What is written is what encoding/csv reads, and means the same as what it writes.
func TestRecordsAreCSV(t *testing.T) {
	field := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~\t\n",\\.]{0,12}`), rapid.SampledFrom([]string{"", " ", `\.`, `"`, `""`, "\n", "a\"b", "\u00a0x", "é,"}))
	rapid.Check(t, func(t *rapid.T) {
		rec := rapid.SliceOfN(field, 2, 6).Draw(t, "record")
		var want bytes.Buffer
		w := csv.NewWriter(&want)
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		read := func(text []byte) []string {
			got, err := csv.NewReader(bytes.NewReader(text)).Read()
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			return got
		}
		if mine, theirs := read(appendRecord(nil, rec)), read(want.Bytes()); !slices.Equal(mine, theirs) {
			t.Fatalf("%q is read as %q, not %q", rec, mine, theirs)
		}
	})
}
