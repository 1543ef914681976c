package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
)

// Options say what to measure and where.
type Options struct {
	Binary string // the muster to start
	Dir    string // scratch directory; everything below it is removed at the end
	Users  []int  // sizes, each measured on a fresh data directory
	JSON   io.Writer
	Table  io.Writer
	Log    *slog.Logger
}

// Figure is one measurement beside its reference.
type Figure struct {
	Name       string  `json:"name"`
	Users      int     `json:"users"`
	Value      float64 `json:"value"`
	Unit       string  `json:"unit"`
	Reference  string  `json:"reference,omitempty"` // what it is compared with
	RefValue   float64 `json:"reference_value,omitempty"`
	Ratio      float64 `json:"ratio,omitempty"` // value / reference value
	PeakMuster int64   `json:"peak_muster_mib"` // resident memory of the process, since the case began
	PeakEngine int64   `json:"peak_engine_mib"` // and of the engine's process
}

// suite is one size's run.
type suite struct {
	*server
	users   int
	dir     string
	figures []Figure
}

// Run measures every size and writes the figures.
func Run(ctx context.Context, opt Options) error {
	var all []Figure
	var failure error
	for _, users := range opt.Users {
		figures, err := runSize(ctx, opt, users)
		all = append(all, figures...)
		if err != nil {
			failure = fmt.Errorf("at %d users: %w", users, err)
			break // what was measured until then is worth showing
		}
	}
	if err := printTable(opt.Table, all); err != nil || opt.JSON == nil {
		return errors.Join(failure, err)
	}
	enc := json.NewEncoder(opt.JSON)
	enc.SetIndent("", "  ")
	return errors.Join(failure, enc.Encode(all))
}

func runSize(ctx context.Context, opt Options, users int) (_ []Figure, err error) {
	dir := filepath.Join(opt.Dir, fmt.Sprintf("bench-%d", users))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	srv, err := startServer(ctx, opt.Binary, filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	defer srv.stop()
	s := &suite{server: srv, users: users, dir: dir}
	for _, c := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"import users", s.importUsers}, {"import tags", s.importTags}, {"import orders", s.importOrders},
		{"import ids", s.importIDs}, {"segment", s.segment}, {"lookups", s.lookups},
		{"dispatch", s.dispatch}, {"rebuild", s.rebuild}, {"restart", s.restart},
		{"launch", s.launch}, // last: what it launches and cancels goes on in the background
	} {
		opt.Log.Info("measuring", "case", c.name, "users", users)
		s.resetPeaks()
		if err := c.run(ctx); err != nil {
			return s.figures, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return s.figures, nil
}

// record keeps a figure with the memory its case took.
func (s *suite) record(f Figure) {
	f.Users = s.users
	if f.RefValue != 0 {
		f.Ratio = f.Value / f.RefValue
	}
	if f.PeakMuster == 0 { // else taken before the reference was
		f.PeakMuster, f.PeakEngine = s.peaks()
	}
	s.figures = append(s.figures, f)
}

func printTable(w io.Writer, figures []Figure) error {
	if w == nil {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WHAT\tUSERS\tVALUE\tUNIT\tREFERENCE\tVALUE\tRATIO\tMUSTER MiB\tENGINE MiB")
	for _, f := range figures {
		fmt.Fprintf(t, "%s\t%d\t%.4g\t%s\t%s\t%.4g\t%.3g\t%d\t%d\n", f.Name, f.Users, f.Value, f.Unit,
			f.Reference, f.RefValue, f.Ratio, f.PeakMuster, f.PeakEngine)
	}
	return t.Flush()
}
