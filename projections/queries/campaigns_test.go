package queries

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"muster/events"
	"muster/internal/fault"
)

var deliveryColumns = []string{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "range", "UInt64", "seq", "UInt64", "part", "UInt32",
	"status", "LowCardinality(String)", "code", "LowCardinality(String)", "reason", "String", "at", stamp,
	"from_user", "UInt64", "to_user", "UInt64", "users", "UInt64", "bytes", "String"}

// campaign writes a launched campaign; audience 0 before it is frozen.
func (w *world) campaign(biz string, id, seq uint64, status, segment string, audience, ranges uint64) {
	w.Helper()
	w.insert("campaigns", []string{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "seq", "UInt64", "name", "String", "template_id", "String",
		"channel", "LowCardinality(String)", "segment", "String", "variables", "Map(String, String)", "status", "LowCardinality(String)",
		"audience", "UInt64", "ranges", "UInt64", "created_at", stamp, "started_at", "Nullable(" + stamp + ")"},
		[]any{biz, id, seq, fmt.Sprintf("campaign %d", id), "hello", "wechat", segment, map[string]string{"city": "Wuhan"}, status, audience, ranges, epoch, &epoch})
}

func (w *world) delivery(biz string, campaign, rng, seq uint64, part uint32, status, code string, users []uint64) []any {
	return []any{biz, campaign, rng, seq, part, status, code, "because " + code, epoch.Add(time.Duration(seq) * time.Second),
		slices.Min(users), slices.Max(users), uint64(len(users)), state(w, users...)}
}

// books are an oracle: what became of each user, as the ledger tells it.
type books struct {
	audience []uint64
	ranges   map[uint64]uint64
	status   map[uint64]Recipient
}

// play writes a campaign whose ranges have size users, as a sender that crashes now
// and then would leave it: some users unknown, and some of those told apart later.
func (w *world) play(biz string, id uint64, audience []uint64, size int, r *rand.Rand) *books {
	w.Helper()
	b := &books{audience: audience, ranges: map[uint64]uint64{}, status: map[uint64]Recipient{}}
	var ranges, rows [][]any
	seq := id * 1000
	number := uint64(0)
	settle := func(rng uint64, statuses []string, users []uint64) {
		seq++
		by := map[string][]uint64{}
		for _, u := range users {
			s := statuses[r.IntN(len(statuses))]
			by[s] = append(by[s], u)
		}
		part := uint32(0)
		for _, s := range slices.Sorted(maps.Keys(by)) {
			status, code := s, ""
			if i := slices.Index([]byte(s), ':'); i >= 0 {
				status, code = s[:i], s[i+1:]
			}
			row := w.delivery(biz, id, rng, seq, part, status, code, by[s])
			rows = append(rows, row)
			if r.IntN(3) == 0 { // read once more after a crash of the projection
				rows = append(rows, row)
			}
			part++
			at := row[8].(time.Time)
			for _, u := range by[s] {
				b.status[u] = Recipient{UserID: u, Range: rng, Status: status, Code: code, Reason: "because " + code, At: &at}
			}
		}
	}
	for part := range slices.Chunk(audience, size) {
		number++
		for _, u := range part {
			b.ranges[u] = number
			b.status[u] = Recipient{UserID: u, Range: number, Status: Pending}
		}
		ranges = append(ranges, []any{biz, id, number, 500 + number, part[0], part[len(part)-1], uint64(len(part)), state(w, part...)})
		if number%4 == 3 {
			continue // not begun
		}
		if number%4 == 2 { // a crash in the middle
			var open []uint64
			for _, u := range part {
				if r.IntN(2) == 0 {
					open = append(open, u)
				}
			}
			if len(open) > 1 {
				settle(number, []string{"unknown:crashed"}, open)
				settle(number, []string{"sent", "failed:43101"}, open[:len(open)/2])
			}
			continue
		}
		for claim := range slices.Chunk(part, 7) {
			settle(number, []string{"sent", "sent", "sent", "failed:43101", "failed:47003", "skipped:no_openid", "unknown:timeout"}, claim)
		}
	}
	w.insert("audiences", []string{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "range", "UInt64", "seq", "UInt64",
		"from_user", "UInt64", "to_user", "UInt64", "users", "UInt64", "bytes", "String"}, append(ranges, ranges...)...)
	for part := range slices.Chunk(rows, max(1, len(rows)/3)) {
		w.insert("deliveries", deliveryColumns, part...)
	}
	w.campaign(biz, id, 900, "freezing", `{"tag":1}`, 0, 0)
	w.campaign(biz, id, 901, "sending", `{"tag":1}`, uint64(len(audience)), number)
	return b
}

func (b *books) report() (events.Books, map[string]uint64) {
	out, codes := events.Books{Audience: uint64(len(b.audience))}, map[string]uint64{}
	for _, r := range b.status {
		switch r.Status {
		case "sent":
			out.Sent++
		case "failed":
			out.Failed++
		case "skipped":
			out.Skipped++
		case "unknown":
			out.Unknown++
		default:
			out.Pending++
			continue
		}
		if r.Status != "sent" {
			codes[r.Code]++
		}
	}
	return out, codes
}

func same(a, b Recipient) bool {
	at := a.At == nil && b.At == nil || a.At != nil && b.At != nil && a.At.Equal(*b.At)
	a.At, b.At = nil, nil
	if a.Status == Pending {
		a.Reason, b.Reason = "", ""
	}
	return at && a == b
}

func TestBooksOfACampaignBalance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.biz("b", "Asia/Shanghai")
	r := rand.New(rand.NewPCG(3, 4))
	audience := spread(3)
	all := map[uint64]*books{11: w.play("b", 11, audience, 20, r), 12: w.play("b", 12, audience[100:300], 50, r)}
	w.play("c", 11, audience[:50], 10, r)
	for id, b := range all {
		rep, err := w.q.Report(t.Context(), "b", id)
		w.must(err)
		want, codes := b.report()
		if rep.Books != want || !maps.Equal(rep.ByCode, codes) {
			t.Errorf("campaign %d: %+v %v, want %+v %v", id, rep.Books, rep.ByCode, want, codes)
		}
		if rep.Campaign.Status != "sending" || rep.Campaign.StartedAt == nil || rep.Campaign.Variables["city"] != "Wuhan" {
			t.Errorf("campaign %+v", rep.Campaign)
		}
		for _, status := range []string{"", "sent", "failed", "skipped", "unknown", Pending} {
			for _, limit := range []int{17, 1000} {
				w.samePages(id, b, status, limit)
			}
		}
		for i, u := range audience {
			if i%9 == 0 || u == math.MaxUint64 {
				w.sameWhy(id, b, u)
			}
		}
	}
	for _, u := range []uint64{0, audience[150], math.MaxUint64, 424242} {
		got, err := w.q.Messages(t.Context(), "b", u, 0, 0)
		w.must(err)
		var want []Recipient
		for _, id := range []uint64{12, 11} {
			if x, in := all[id].status[u]; in {
				want = append(want, x)
			}
		}
		if len(got) != len(want) {
			t.Errorf("user %d has %v, want %v", u, got, want)
			continue
		}
		for i, m := range got {
			if m.Status != want[i].Status || m.Code != want[i].Code || m.Range != want[i].Range || want[i].At != nil && !m.At.Equal(*want[i].At) ||
				m.Campaign != fmt.Sprintf("campaign %d", m.CampaignID) || want[i].At == nil && !m.At.Equal(epoch) {
				t.Errorf("user %d: %+v, want %+v", u, m, want[i])
			}
		}
	}
}

func (w *world) samePages(id uint64, b *books, status string, limit int) {
	w.Helper()
	var want []Recipient
	for _, u := range b.audience {
		if x := b.status[u]; status == "" || x.Status == status {
			want = append(want, x)
		}
	}
	var got []Recipient
	for from := uint64(0); ; {
		page, err := w.q.Recipients(w.Context(), RecipientList{Biz: "b", Campaign: id, Status: status, From: from, Limit: limit})
		w.must(err)
		got = append(got, page...)
		if len(page) < limit || page[len(page)-1].UserID == math.MaxUint64 {
			break
		}
		from = page[len(page)-1].UserID + 1
	}
	var each []Recipient
	w.must(w.q.EachRecipient(w.Context(), RecipientList{Biz: "b", Campaign: id, Status: status}, func(x Recipient) error {
		each = append(each, x)
		return nil
	}))
	if !slices.EqualFunc(each, want, same) {
		w.Errorf("campaign %d, status %q: %d users one by one, want %d", id, status, len(each), len(want))
	}
	if !slices.EqualFunc(got, want, same) {
		w.Errorf("campaign %d, status %q, limit %d: %d users, want %d", id, status, limit, len(got), len(want))
		for i := range min(len(got), len(want)) {
			if !same(got[i], want[i]) {
				w.Errorf("first %+v, want %+v", got[i], want[i])
				break
			}
		}
	}
}

func (w *world) sameWhy(id uint64, b *books, u uint64) {
	w.Helper()
	y, err := w.q.Why(w.Context(), "b", id, u)
	w.must(err)
	want, in := b.status[u]
	if y.InAudience != in || !y.Frozen {
		w.Errorf("why %d: %+v, want in audience: %v", u, y, in)
	}
	if got := (Recipient{UserID: u, Range: y.Range, Status: y.Status, Code: y.Code, Reason: y.Reason, At: y.At}); in && !same(got, want) {
		w.Errorf("why %d: %+v, want %+v", u, got, want)
	}
	if len(y.Clauses) != 1 || y.Clauses[0].Text != "tag(1)" || !in && y.Status != "" {
		w.Errorf("why not %d: %+v", u, y)
	}
}

func TestWhyNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.biz("b", "Asia/Shanghai")
	w.set("b", "known", 0, 1, 1, 2, 3)
	w.set("b", "group", 5, 1, 1, 2)
	w.set("b", "tag", 1, 1, 2, 3)
	w.campaign("b", 4, 1, "created", `{"all":[{"group":5},{"not":{"tag":1}}]}`, 0, 0)
	y, err := w.q.Why(t.Context(), "b", 4, 2)
	w.must(err)
	want := []WhyClause{
		{"group(5) and not tag(1)", "all", 1, -1, false, true},
		{"group(5)", "group", 2, 0, true, false},
		{"not tag(1)", "not", 2, 0, false, true},
		{"tag(1)", "tag", 3, 2, true, true},
	}
	if y.Frozen || y.InAudience || !slices.Equal(y.Clauses, want) {
		t.Errorf("%+v", y)
	}
	for _, biz := range []string{"b", "c"} {
		if _, err := w.q.Why(t.Context(), biz, 99, 2); !fault.Is(err, fault.NotFound) {
			t.Errorf("no campaign: %v", err)
		}
		if _, err := w.q.Report(t.Context(), biz, 99); !fault.Is(err, fault.NotFound) {
			t.Errorf("no campaign: %v", err)
		}
		if _, err := w.q.Recipients(t.Context(), RecipientList{Biz: biz, Campaign: 99}); !fault.Is(err, fault.NotFound) {
			t.Errorf("no campaign: %v", err)
		}
	}
	if _, err := w.q.Recipients(t.Context(), RecipientList{Biz: "b", Campaign: 4, Status: "gone"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no status: %v", err)
	}
}

// Outcomes may be read before the freeze is: LEDGER and EVENTS are read apart.
func TestNothingIsPendingBeforeTheFreeze(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.campaign("b", 4, 1, "freezing", `{"tag":1}`, 0, 0)
	w.insert("deliveries", deliveryColumns, w.delivery("b", 4, 1, 9, 0, "sent", "", []uint64{1, 2}))
	r, err := w.q.Report(t.Context(), "b", 4)
	if err != nil || r.Books != (events.Books{}) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestCampaignsInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id := uint64(1); id <= 5; id++ {
		w.campaign("b", id, 1, "created", `{"tag":1}`, 0, 0)
		if id != 3 {
			w.campaign("b", id, 2, "sending", `{"tag":1}`, 10, 1)
		}
	}
	page, err := w.q.Campaigns(t.Context(), CampaignList{Biz: "b", Status: "sending", Before: 5, Limit: 2})
	if err != nil || len(page) != 2 || page[0].ID != 4 || page[1].ID != 2 || page[0].Audience != 10 {
		t.Errorf("%+v, %v", page, err)
	}
}
