package ledger_test

import (
	"encoding/json"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"pgregory.net/rapid"

	"muster/events"
)

// compare reads the log user by user, without the ledger's arithmetic, and proves that nobody was in two hands, that
// who was given back had no outcome, and that what the log says for certain is what the provider did.
func (w *world) compare(t *rapid.T) {
	ended, claim := map[uint64]events.OutcomeStatus{}, map[uint64]uint64{}
	for _, e := range w.log {
		switch e.Type {
		case events.TypeLedgerClaimed:
			var c events.LedgerClaimed
			if err := json.Unmarshal(e.Data, &c); err != nil {
				t.Fatal(err)
			}
			for _, u := range decode(t, c.Users).ToArray() {
				if claim[u] != 0 || ended[u] != "" {
					t.Fatalf("user %d is claimed again by %d", u, e.Seq)
				}
				claim[u] = e.Seq
			}
		case events.TypeLedgerReleased:
			c, users := released(t, e)
			for _, u := range users.ToArray() {
				if claim[u] != c.Claim || ended[u] != "" {
					t.Fatalf("user %d is given back by %d", u, e.Seq)
				}
				delete(claim, u)
			}
		case events.TypeLedgerOutcomes:
			var o events.LedgerOutcomes
			if err := json.Unmarshal(e.Data, &o); err != nil {
				t.Fatal(err)
			}
			for _, res := range o.Results {
				for _, u := range decode(t, res.Users).ToArray() {
					if ended[u] != "" && ended[u] != events.Unknown {
						t.Fatalf("user %d was %s and is %s", u, ended[u], res.Status)
					}
					ended[u] = res.Status
				}
			}
		}
	}
	for _, u := range w.users.ToArray() {
		did := w.spoke[u]
		switch ended[u] {
		case events.Sent:
			if did == "sent" {
				continue
			}
		case events.Failed:
			if did == "refused" || did == "" && w.held[u] {
				continue
			}
		case events.Unknown:
			continue
		}
		t.Fatalf("user %d ended %q, the provider said %q", u, ended[u], did)
	}
}

func released(t *rapid.T, e events.Event) (c events.LedgerReleased, users *roaring64.Bitmap) {
	if err := json.Unmarshal(e.Data, &c); err != nil {
		t.Fatal(err)
	}
	return c, decode(t, c.Users)
}

func decode(t *rapid.T, b []byte) *roaring64.Bitmap {
	users := roaring64.New()
	if err := users.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	return users
}
