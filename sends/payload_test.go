package sends

import (
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/channels"
)

// awkward returns texts that a format between here and the sender might change: all short texts of the characters
// that mean something to CSV or to payloads, and some more.
func awkward() []string {
	all := []string{"", "\x01\x1b\x7f\u0085\u2028", "\t tab", " blank ", "\ufeffmark", `\.`, `\r\n`, "界 🎉", "é", "\xff\xfe", "NULL",
		strings.Repeat("long\r\n", 2000)}
	pieces := []string{"\r", "\n", `"`, ",", "=", "x"}
	for short := []string{""}; len(short[0]) < 4; {
		var longer []string
		for _, s := range short {
			for _, p := range pieces {
				longer = append(longer, s+p)
			}
		}
		all, short = append(all, longer...), longer
	}
	return all
}

// TestARangeSaysTheSameEitherWay takes the same users through a message of SENDS, and as they are looked up when that
// would be too large: what is sent to them does not depend on the size of their range.
func TestARangeSaysTheSameEitherWay(t *testing.T) {
	layout := channels.NewLayout(nil)
	if err := layout.Text("text", "{{first}}|{{second}}"); err != nil {
		t.Fatal(err)
	}
	users, found := roaring64.New(), make(map[uint64]Address)
	for i, text := range awkward() {
		id := uint64(i + 1)
		users.Add(id)
		found[id] = Address{UserID: id, OpenID: "o" + text, Attributes: map[string]string{"first": text, "second": text}}
	}
	known := uint64(len(found))
	users.Add(known + 1) // without an address
	users.Add(known + 2) // without an attribute
	found[known+2] = Address{UserID: known + 2, OpenID: "o", Attributes: map[string]string{"first": ""}}

	p, err := newPayloads()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	looked := recipients(users, layout.Fields(), found)
	data, err := p.encode(layout.Fields(), looked)
	if err != nil {
		t.Fatal(err)
	}
	carried, err := p.decode(data, layout.Fields())
	if err != nil || len(carried) != len(looked) {
		t.Fatalf("%d users of %d: %v", len(carried), len(looked), err)
	}
	for i := range looked {
		want, got := &looked[i], &carried[i]
		if got.UserID != want.UserID || got.OpenID != want.OpenID || layout.Missing(got) != layout.Missing(want) {
			t.Fatalf("%d %.80q lacks %q; looked up %d %.80q lacks %q", got.UserID, got.OpenID, layout.Missing(got), want.UserID, want.OpenID, layout.Missing(want))
		}
		if layout.Missing(want) != "" {
			continue
		}
		if got, want := string(layout.Append(nil, got)), string(layout.Append(nil, want)); got != want {
			t.Errorf("user %d is sent %.80q; looked up, %.80q", looked[i].UserID, got, want)
		}
	}
}
