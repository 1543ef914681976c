package engine

import (
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"

	"muster/internal/clickhouse/chdb"
)

// maxHead is how much of a request is looked at to find the statement. It is
// ClickHouse's own default of max_query_size.
const maxHead = 256 << 10

// maxStatement bounds a statement whose caller raised max_query_size.
const maxStatement = 16 << 20

// request is an HTTP request understood: one statement and its surroundings.
type request struct {
	sql      string
	format   string    // of the output, or of the rows of an insert
	rows     io.Reader // what an insert takes; nil for anything else
	params   []chdb.Param
	settings []setting
	database string
	limit    time.Duration // max_execution_time; 0 for none
	readOnly bool
	hello    bool // the driver's first question, see hello.go
}

type setting struct{ name, value string }

// Parameters of the HTTP interface that are no settings, or that mean nothing here.
var notSettings = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "quota_key": true,
	"user": true, "password": true, "session_id": true, "session_timeout": true, "session_check": true,
	"client_protocol_version": true, "wait_end_of_query": true, "buffer_size": true, "close_session": true,
	"enable_http_compression": true, "http_zlib_compression_level": true, "add_http_cors_header": true,
	"network_compression_method": true, "role": true, "stacktrace": true,
}

// parse reads a request up to where the rows of an insert begin.
func parse(r *http.Request) (*request, error) {
	q := r.URL.Query()
	if err := refuseEncoding(r, q); err != nil {
		return nil, err
	}
	req := &request{format: q.Get("default_format"), database: q.Get("database"), readOnly: r.Method != http.MethodPost}
	if req.format == "" {
		req.format = first(r.Header.Get("X-ClickHouse-Format"), "TabSeparated")
	}
	req.database = first(req.database, r.Header.Get("X-ClickHouse-Database"))
	for name, values := range q {
		switch value := values[len(values)-1]; {
		case strings.HasPrefix(name, "param_"):
			req.params = append(req.params, chdb.Param{Name: name[len("param_"):], Value: value})
		case name == "max_execution_time":
			// The driver sends it with every deadline; a timer is cheaper than a session of its own.
			sec, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, exception(codeBadArguments, "BAD_ARGUMENTS", "max_execution_time=%s is no number", value)
			}
			req.limit = time.Duration(sec * float64(time.Second))
		case !notSettings[name]:
			req.settings = append(req.settings, setting{name, value})
		}
	}
	sort.Slice(req.settings, func(i, j int) bool { return req.settings[i].name < req.settings[j].name })
	if err := req.readStatement(q.Get("query"), r.Body); err != nil {
		return nil, err
	}
	req.hello = q.Has("client_protocol_version") && req.format == "Native" && strings.TrimSpace(req.sql) == helloQuery
	return req, nil
}

// refuseEncoding turns away what this server does not speak, rather than
// taking compressed bytes for rows.
func refuseEncoding(r *http.Request, q url.Values) error {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return exception(codeNotImplemented, "NOT_IMPLEMENTED", "Content-Encoding %s: this loopback server takes plain bodies", e)
	}
	for _, name := range []string{"compress", "decompress"} {
		if v := q.Get(name); v != "" && v != "0" {
			return exception(codeNotImplemented, "NOT_IMPLEMENTED", "%s=%s: this loopback server does not compress", name, v)
		}
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return exception(codeNotImplemented, "NOT_IMPLEMENTED", "External tables are not taken")
	}
	return nil
}

// readStatement splits the query parameter and the body, which ClickHouse
// takes as one text, into the statement and the rows of an insert.
func (req *request) readStatement(query string, body io.Reader) error {
	if query != "" {
		query += "\n"
	}
	head, err := io.ReadAll(io.LimitReader(body, maxHead))
	if err != nil {
		return err
	}
	text := query + string(head)
	in, isInsert := findInsert(text)
	if isInsert && (in.format != "Values" || len(head) == maxHead) {
		req.sql, req.format = in.statement, in.format
		req.rows = io.MultiReader(strings.NewReader(text[in.data:]), body)
		return nil
	}
	if len(head) == maxHead {
		rest, err := io.ReadAll(io.LimitReader(body, maxStatement))
		if err != nil {
			return err
		}
		text += string(rest)
	}
	req.sql = text
	return nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
