package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"muster/internal/clickhouse/chdb"
)

// statement runs what one request asks for on a connection of the pool.
func (s *Server) statement(w http.ResponseWriter, r *http.Request) {
	req, err := parse(r)
	if err != nil {
		fail(w, err)
		return
	}
	h := w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", "muster")
	h.Set("X-ClickHouse-Timezone", s.timezone)
	if id := r.URL.Query().Get("query_id"); id != "" {
		h.Set("X-ClickHouse-Query-Id", id)
	}
	if req.hello {
		s.hello(w)
		return
	}
	conn, err := s.eng.Acquire(r.Context())
	if err != nil {
		fail(w, err)
		return
	}
	ctx, cancel := r.Context(), func() {}
	if req.limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, req.limit)
	}
	defer cancel()
	run := &run{s: s, conn: conn, req: req, w: w, ctx: ctx, dirty: len(req.settings) > 0}
	defer run.giveBack()
	if err := run.prepare(); err != nil {
		drain(req.rows)
		run.fail(err)
		return
	}
	defer run.cancellable()()
	if req.rows != nil {
		run.insert()
		return
	}
	run.query()
}

// run is one statement on its way.
type run struct {
	s    *Server
	conn *chdb.Conn
	req  *request
	w    http.ResponseWriter
	ctx  context.Context

	class chdb.Class
	tag   string // goes with the statement, so that it can be found and killed
	dirty bool   // the session was changed, or its statement failed: throw it away rather than trust a reset
}

func (r *run) giveBack() {
	if len(r.req.params) > 0 && !r.dirty {
		_, err := r.conn.Exec("SET log_comment = DEFAULT", "Null")
		r.dirty = err != nil
	}
	if r.dirty {
		r.s.eng.Discard(r.conn)
		return
	}
	r.s.eng.Release(r.conn)
}

// prepare sets the session up and looks at what the statement does.
func (r *run) prepare() error {
	if err := r.conn.Use(first(r.req.database, "default")); err != nil {
		return err
	}
	r.tag = fmt.Sprintf("/*muster:%d*/ ", r.s.tag.Add(1))
	if len(r.req.params) > 0 {
		// The engine writes a statement with parameters anew, without its comments.
		if _, err := r.conn.Exec("SET log_comment = "+quoteString(r.tag), "Null"); err != nil {
			return err
		}
	}
	if len(r.req.settings) > 0 {
		var sql strings.Builder
		for i, st := range r.req.settings {
			sql.WriteString([]string{"SET ", ", "}[min(i, 1)])
			sql.WriteString(quoteName(st.name) + " = " + quoteString(st.value))
		}
		if _, err := r.conn.Exec(sql.String(), "Null"); err != nil {
			return err
		}
	}
	if r.req.rows != nil {
		r.class = chdb.Mutating
	} else {
		var n int
		if r.class, n = r.conn.Analyse(r.req.sql); n > 1 {
			return exception(codeSyntax, "SYNTAX_ERROR", "Multi-statements are not allowed")
		}
	}
	if r.req.readOnly && r.class != chdb.ReadOnly && r.class != chdb.Unknown {
		return exception(codeReadOnly, "READONLY", "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. Use method POST")
	}
	// SET, USE and temporary tables stay in the session; a ClickHouse server forgets them too.
	if r.class == chdb.Control || r.class == chdb.Mutating && containsFold(r.req.sql, "temporary") {
		r.dirty = true
	}
	return nil
}

// query runs a statement without rows of its own and passes its output on.
func (r *run) query() {
	format := first(outputFormat(r.req.sql), r.req.format)
	r.w.Header().Set("X-ClickHouse-Format", format)
	r.w.Header().Set("Content-Type", contentType(format))
	sql := r.tag + r.req.sql
	if r.class != chdb.ReadOnly || !isSelect(r.req.sql) || !streams(format) {
		out, err := r.conn.Exec(sql, r.req.format, r.req.params...)
		if err != nil {
			r.fail(err)
			return
		}
		_, _ = r.w.Write(out)
		return
	}
	tag := strings.ToLower(rand.Text()[:16])
	r.w.Header().Set("X-ClickHouse-Exception-Tag", tag)
	st, err := r.conn.Query(sql, r.req.format, r.req.params...)
	if err != nil {
		r.fail(err)
		return
	}
	defer st.Close()
	for sent := false; ; sent = true {
		b, err := st.Next()
		switch {
		case err != nil && sent:
			r.dirty = true
			failInBody(r.w, tag, r.why(err))
		case err != nil:
			r.fail(err)
			return
		case len(b) == 0:
			return
		}
		if _, err := r.w.Write(b); err != nil { // the client went away; Close cancels
			r.dirty = true
			return
		}
	}
}

// insert streams the request's rows into the engine and answers once they are stored.
func (r *run) insert() {
	in, err := r.conn.Insert(r.tag+r.req.sql, r.req.format, r.req.params...)
	if err != nil {
		drain(r.req.rows)
		r.fail(err)
		return
	}
	buf := make([]byte, 256<<10)
	for {
		n, err := r.req.rows.Read(buf)
		if !in.Append(buf[:n]) {
			drain(r.req.rows)
			break
		}
		if err == io.EOF {
			break
		}
		if err != nil { // the client went away in the middle of the rows
			in.Abort()
			r.fail(exception(codeCancelled, "QUERY_WAS_CANCELLED", "The rows ended early: %v", err))
			return
		}
	}
	rows, err := in.Done()
	if err != nil {
		r.fail(err)
		return
	}
	r.w.Header().Set("X-ClickHouse-Summary", fmt.Sprintf(`{"written_rows":"%d"}`, rows))
	r.w.WriteHeader(http.StatusOK)
}

// fail answers with an error, if the answer has not begun. The session goes:
// the library keeps a statement that failed registered until its connection's next one.
func (r *run) fail(err error) {
	r.dirty = true
	fail(r.w, r.why(err))
}

// why gives a statement that ran out of time the code a server gives it.
func (r *run) why(err error) error {
	if errors.Is(r.ctx.Err(), context.DeadlineExceeded) {
		return exception(codeTimeout, "TIMEOUT_EXCEEDED", "Timeout exceeded: elapsed more than max_execution_time = %s", r.req.limit)
	}
	return err
}

// drain reads rows that will not be used, so that a client in the middle of
// sending them gets to read why.
func drain(rows io.Reader) {
	if rows != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(rows, 1<<30))
	}
}

func contentType(format string) string {
	switch f := strings.ToLower(format); {
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(f, "t"):
		return "text/tab-separated-values; charset=UTF-8"
	}
	return "application/octet-stream"
}

func quoteName(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}

func quoteString(s string) string {
	return "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(s) + "'"
}

func containsFold(s, sub string) bool { return strings.Contains(strings.ToLower(s), sub) }
