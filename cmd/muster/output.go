package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/mattn/go-isatty"
)

// object is a decoded JSON object; numbers are json.Number.
type object = map[string]any

// print shows an answer: as JSON, or the named fields of it, a line each.
func (c *cli) print(o object, fields ...string) error {
	if c.asJSON {
		return c.printJSON(o)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, f := range fields {
		if v, ok := o[f]; ok && v != nil && v != "" {
			fmt.Fprintf(w, "%s\t%s\n", f, text(v))
		}
	}
	return w.Flush()
}

// printList shows a list: as JSON, or a table of the named fields.
func (c *cli) printList(o object, fields ...string) error {
	if c.asJSON {
		return c.printJSON(o)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ToUpper(strings.Join(fields, "\t")))
	items, _ := o["items"].([]any)
	for _, item := range items {
		row, _ := item.(object)
		cells := make([]string, len(fields))
		for i, f := range fields {
			cells[i] = text(row[f])
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

func (c *cli) printJSON(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
}

// meter counts what goes through a reader and, on a terminal, shows it.
type meter struct {
	r     io.Reader
	total int64 // bytes expected; 0 when unknown
	done  int64
	shown int64
	w     io.Writer // nil: quiet
}

func (c *cli) meter(r io.Reader, total int64) *meter {
	m := &meter{r: r, total: total}
	if isTerminal(c.progress) && !c.asJSON {
		m.w = c.progress
	}
	return m
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// Read passes on what it reads and shows every further MiB.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.done += int64(n)
	if m.w != nil && (m.done-m.shown > 1<<20 || err != nil) {
		m.shown = m.done
		if m.total > 0 {
			fmt.Fprintf(m.w, "\r%3d %%  %d of %d MiB", 100*m.done/m.total, m.done>>20, m.total>>20)
		} else {
			fmt.Fprintf(m.w, "\r%d MiB", m.done>>20)
		}
		if err != nil {
			fmt.Fprintln(m.w)
		}
	}
	return n, err
}
