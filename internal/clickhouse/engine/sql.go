package engine

import (
	"strings"

	"muster/internal/clickhouse/sqltext"
)

// insert is an INSERT whose rows follow its statement.
type insert struct {
	statement string // "INSERT INTO t (a, b)"
	format    string // "Native"; "Values" for VALUES
	data      int    // where in the text the rows begin
}

// findInsert recognizes INSERT INTO ... FORMAT f and INSERT INTO ... VALUES at
// the head of a text. Not an INSERT ... SELECT: that carries no rows.
func findInsert(text string) (insert, bool) {
	sc := sqltext.New(text)
	if !sc.Next().Is("insert") {
		return insert{}, false
	}
	t := sc.Next()
	for t.Is("into") || t.Is("table") || t.Is("function") {
		t = sc.Next()
	}
	prev := t // the table's name, whatever word it is
	for t = sc.Next(); t.Text != ""; prev, t = t, sc.Next() {
		if t.Depth > 0 || prev.Text == "." {
			continue
		}
		switch {
		case t.Is("select"), t.Is("with"), t.Is("from"), t.Is("watch"):
			return insert{}, false
		case t.Is("values"):
			return insert{statement: text[:t.Start], format: "Values", data: t.End}, true
		case t.Is("format"):
			f := sc.Next()
			if f.Text == "" {
				return insert{}, false
			}
			return insert{statement: text[:t.Start], format: f.Text, data: dataStart(text, f.End)}, true
		}
	}
	return insert{}, false
}

// dataStart skips the rest of the FORMAT line, as ClickHouse does: blanks up
// to and with one line end.
func dataStart(text string, pos int) int {
	for pos < len(text) {
		switch text[pos] {
		case ' ', '\t', '\r':
			pos++
		case '\n':
			return pos + 1
		default:
			return pos
		}
	}
	return pos
}

// outputFormat is the format a statement names by its own FORMAT clause, or "".
func outputFormat(sql string) string {
	sc, format := sqltext.New(sql), ""
	for t := sc.Next(); t.Text != ""; t = sc.Next() {
		if t.Depth == 0 && t.Is("format") {
			if f := sc.Next(); f.Text != "" && sqltext.IsWord(f.Text[0]) {
				format = f.Text
			}
		}
	}
	return format
}

// isSelect says whether a statement is of the one kind that the library can
// stream; DESCRIBE, SHOW and EXPLAIN it writes as a whole.
func isSelect(sql string) bool {
	t := sqltext.New(sql).Next()
	return t.Is("select") || t.Is("with") || t.Is("from") || t.Text == "("
}

// streams says whether a format's output can be passed on piece by piece. The
// others have a frame around the rows (JSON's "rows", Parquet's footer) that
// the engine gets right only when it writes the whole.
func streams(format string) bool {
	f := strings.ToLower(format)
	for _, p := range []string{"native", "rowbinary", "csv", "tsv", "tabseparated", "jsoneachrow", "jsonlines", "ndjson", "jsoncompacteachrow", "jsonstringseachrow", "lineasstring", "rawblob", "values"} {
		if strings.HasPrefix(f, p) {
			return true
		}
	}
	return false
}
