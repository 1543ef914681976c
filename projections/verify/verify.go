package verify

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// Options say what to verify. DB and JS are required.
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

const maxFindings = 100 // of one check

type verifier struct {
	Options
	report Report
	ledger map[campaignKey]*outcomes // what the ledger itself says
	frozen map[campaignKey]uint64    // audiences by the events
}

// Run verifies everything. An error means that it could not look; what it saw wrong
// is in the report. Writes may go on meanwhile: questions to the read model compare
// tables of one moment each.
func Run(ctx context.Context, opt Options) (*Report, error) {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Progress == nil {
		opt.Progress = func(string, uint64, uint64) {}
	}
	start := time.Now()
	v := &verifier{Options: opt, ledger: map[campaignKey]*outcomes{}, frozen: map[campaignKey]uint64{}}
	v.report.Findings, v.report.Figures = []Finding{}, []Figure{}
	for _, step := range []func(context.Context) error{
		v.events, v.outcomes, v.projections, v.tags, v.sets, v.groups, v.books,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	v.report.TookMS = time.Since(start).Milliseconds()
	return &v.report, nil
}

func (v *verifier) find(check, biz, format string, args ...any) {
	v.report.Findings = append(v.report.Findings, Finding{Check: check, Biz: biz, Detail: fmt.Sprintf(format, args...)})
}

func (v *verifier) count(what string, n uint64) {
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
	return last, nil
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
