package verify

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// Options say what to verify. DB and JS are required; JS has a connection of its own, for it listens
// to the services, and no connection hears itself.
type Options struct {
	DB       *clickhouse.DB
	JS       jetstream.JetStream
	Log      *slog.Logger
	Progress func(what string, done, of uint64) // may be nil; of is 0 when unknown
}

// Report is what was found. It is whole when Findings is empty.
type Report struct {
	Events   uint64    `json:"events"` // read and checked
	Ledger   uint64    `json:"ledger"`
	Position uint64    `json:"position"` // of EVENTS that the read model stood at
	Figures  []Figure  `json:"figures"`
	Findings []Finding `json:"findings"`
	TookMS   int64     `json:"took_ms"`
}

// OK says whether everything agrees.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// Figure is one thing that was counted.
type Figure struct {
	What  string `json:"what"`
	Count uint64 `json:"count"`
}

// Finding is one disagreement.
type Finding struct {
	Check  string `json:"check"` // log, tags, sets, groups, books, projections
	Biz    string `json:"biz,omitempty"`
	Detail string `json:"detail"`
}

const maxFindings = 100 // of one check; the rest is counted

type verifier struct {
	Options
	report Report
	ledger map[rangeKey]*outcomes // what the ledger itself says
	frozen map[campaignKey]uint64 // audiences by the events
	found  map[string]int         // findings by check
	idle   bool                   // nobody works on the read model
	told   bool                   // the deliveries hold all of the ledger that was read
}

// Run verifies everything. An error means that it could not look; what it saw wrong
// is in the report. Writes may go on meanwhile: the ledger is compared at the position up to which it
// was read, and tables that are written one after the other are looked at until they agree, or until
// what disagrees cannot be work half done.
func Run(ctx context.Context, opt Options) (*Report, error) {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Progress == nil {
		opt.Progress = func(string, uint64, uint64) {}
	}
	start := time.Now()
	v := &verifier{Options: opt, ledger: map[rangeKey]*outcomes{}, frozen: map[campaignKey]uint64{}, found: map[string]int{}}
	v.report.Findings, v.report.Figures = []Finding{}, []Figure{}
	for _, step := range []func(context.Context) error{
		v.outcomes, v.events, v.projections, v.compare, v.books, v.more,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	v.report.TookMS = time.Since(start).Milliseconds()
	return &v.report, nil
}

func (v *verifier) find(check, biz, format string, args ...any) {
	if v.found[check]++; v.found[check] > maxFindings {
		return
	}
	v.report.Findings = append(v.report.Findings, Finding{Check: check, Biz: biz, Detail: fmt.Sprintf(format, args...)})
}

// more counts the findings that are not told one by one.
func (v *verifier) more(context.Context) error {
	for _, check := range slices.Sorted(maps.Keys(v.found)) {
		if n := v.found[check] - maxFindings; n > 0 {
			v.report.Findings = append(v.report.Findings, Finding{Check: check, Detail: fmt.Sprintf("%d more", n)})
		}
	}
	return nil
}

// count keeps a figure; of what is counted again, the newest.
func (v *verifier) count(what string, n uint64) {
	for i := range v.report.Figures {
		if v.report.Figures[i].What == what {
			v.report.Figures[i].Count = n
			return
		}
	}
	v.report.Figures = append(v.report.Figures, Figure{What: what, Count: n})
}

// read goes through a whole stream as it is now: sequences without a hole, checksums,
// hashes, chains. Damage is a finding.
func (v *verifier) read(ctx context.Context, stream string, fn func(events.Event) error) (uint64, error) {
	s, err := v.JS.Stream(ctx, stream)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, err, "read "+stream)
	}
	last := s.CachedInfo().State.LastSeq
	r := events.NewReader(v.JS, events.ReaderOptions{Stream: stream, Log: v.Log})
	defer r.Close()
	for r.Position() < last {
		b, err := r.Next(ctx)
		if err != nil {
			if fault.Is(err, fault.Corrupt) {
				v.find("log", "", "%v", err)
				return r.Position(), nil
			}
			return 0, err
		}
		for _, e := range b.Events {
			if err := fn(e); err != nil {
				return 0, err
			}
		}
		v.Progress(stream, r.Position(), last)
	}
	return r.Position(), nil // what came while it read may have come along
}

// rows asks the read model and calls fn for every row.
func (v *verifier) rows(ctx context.Context, sql string, fn func(*clickhouse.Rows) error, args ...any) error {
	rows, err := v.DB.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
