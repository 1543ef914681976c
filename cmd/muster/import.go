package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func (c *cli) importCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "import users|tags|orders FILE",
		Short: "Load users, tags or orders from CSV or NDJSON, plain, gzip or zstd; FILE may be -",
		Example: `  muster import users users.csv
  zcat orders.csv.gz | muster import orders -`,
		Args: exactArgs("users|tags|orders", "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "users", "tags", "orders":
			default:
				return usageError{fmt.Errorf("import takes users, tags or orders, not %q", args[0])}
			}
			out, err := c.upload(cmd, c.in("/"+args[0]+":import"), args[1], format)
			if err != nil {
				return err
			}
			return c.printUpload(out)
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "csv, ndjson or lines (default: by the file's name)")
	return cmd
}

// upload streams a file (- is standard input) to a path and waits for the result.
func (c *cli) upload(cmd *cobra.Command, path, file, format string) (object, error) {
	var in io.Reader = cmd.InOrStdin()
	var size int64
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if st, err := f.Stat(); err == nil {
			size = st.Size()
		}
		in = f
	}
	header := http.Header{}
	kind, err := contentType(file, format)
	if err != nil {
		return nil, err
	}
	header.Set("Content-Type", kind)
	return c.stream(cmd.Context(), http.MethodPost, path+"?wait=60s", c.meter(in, size), header)
}

// contentType tells the format by its name or the file's.
func contentType(file, format string) (string, error) {
	if format == "" {
		name := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(filepath.Base(file)), ".gz"), ".zst")
		format = strings.TrimPrefix(filepath.Ext(name), ".")
	}
	switch format {
	case "ndjson", "jsonl":
		return "application/x-ndjson", nil
	case "txt", "lines":
		return "text/plain", nil
	case "csv", "":
		return "text/csv", nil
	default:
		return "", usageError{fmt.Errorf("the format %q is not known: name csv, ndjson or lines with --format", format)}
	}
}

// printUpload shows what became of an upload, the first rejected rows included.
func (c *cli) printUpload(out object) error {
	if err := c.print(out, "command_id", "status", "rows", "accepted", "seq"); err != nil || c.asJSON {
		return err
	}
	rejected, _ := out["rejected"].([]any)
	for i, r := range rejected {
		if i == 20 {
			fmt.Fprintf(c.out, "... and %d more rejected rows\n", len(rejected)-i)
			break
		}
		row, _ := r.(object)
		fmt.Fprintf(c.out, "line %s: %s: %s\n", text(row["line"]), text(row["field"]), text(row["reason"]))
	}
	return nil
}
