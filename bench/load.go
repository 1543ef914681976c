package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// stride is coprime to every size measured: i*stride mod n visits each user once, far apart.
const stride = 7_368_787

// upload streams rows to a path and waits until reads can see them.
func (s *suite) upload(ctx context.Context, path, contentType string, write func(*bufio.Writer)) (time.Duration, error) {
	r, w := io.Pipe()
	go func() {
		b := bufio.NewWriterSize(w, 1<<20)
		write(b)
		w.CloseWithError(b.Flush())
	}()
	began := time.Now()
	out, err := s.send(ctx, "POST", s.at.HTTP+path+"?wait=60s", r, contentType)
	if err != nil {
		return 0, err
	}
	if err := s.settled(ctx, out); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// settled waits for a command's end where the wait in the request was not enough.
func (s *suite) settled(ctx context.Context, out object) error {
	path, ok := out["status_url"].(string)
	if !ok {
		return nil
	}
	return await(ctx, func() (bool, error) {
		c, err := s.call(ctx, "GET", path, nil)
		if err == nil && c["status"] == "refused" {
			err = fmt.Errorf("refused: %v", c["reason"])
		}
		return c["status"] == "completed", err
	})
}

// engineReads is the reference of an import: the engine alone taking the same rows over HTTP.
func (s *suite) engineReads(ctx context.Context, table, columns, order string, skipHeader bool, write func(*bufio.Writer)) (time.Duration, error) {
	if _, err := s.sql(ctx, "CREATE OR REPLACE TABLE "+table+" ("+columns+") ENGINE = MergeTree ORDER BY "+order, nil); err != nil {
		return 0, err
	}
	format := "CSV"
	if skipHeader {
		format = "CSVWithNames"
	}
	r, w := io.Pipe()
	go func() {
		b := bufio.NewWriterSize(w, 1<<20)
		write(b)
		w.CloseWithError(b.Flush())
	}()
	began := time.Now()
	if _, err := s.sql(ctx, "INSERT INTO "+table+" FORMAT "+format, r); err != nil {
		return 0, err
	}
	took := time.Since(began)
	_, err := s.sql(ctx, "DROP TABLE "+table, nil)
	return took, err
}

func (s *suite) importUsers(ctx context.Context) error {
	write := func(w *bufio.Writer) {
		fmt.Fprintln(w, "user_id,phone,openid,tags,attributes")
		for i := range s.users {
			u := 1 + i*stride%s.users
			fmt.Fprintf(w, "%d,%d,openid-%d,\"%d,%d\",\"{\"\"name\"\":\"\"User %d\"\"}\"\n", u, 13_000_000_000+u, u, 1+u%5, 11+u%3, u)
		}
	}
	return s.rowImport(ctx, "users", "user_id UInt64, phone UInt64, openid String, tags String, attributes String", "user_id", s.users, write)
}

func (s *suite) importTags(ctx context.Context) error {
	write := func(w *bufio.Writer) {
		fmt.Fprintln(w, "user_id,tag_id,op")
		for i := range s.users {
			u := 1 + i*stride%s.users
			fmt.Fprintf(w, "%d,%d,add\n", u, 21+u%20)
		}
	}
	return s.rowImport(ctx, "tags", "user_id UInt64, tag_id UInt32, op String", "user_id", s.users, write)
}

func (s *suite) importOrders(ctx context.Context) error {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	write := func(w *bufio.Writer) {
		fmt.Fprintln(w, "order_id,user_id,product_id,amount,paid_at,status")
		for i := range s.users {
			u := 1 + i*stride%s.users/3 // three orders each for a third of the users
			at := today.Add(-time.Duration(i%(72*3600)) * time.Second)
			fmt.Fprintf(w, "o%d,%d,%d,9.90,%s,paid\n", i, u, 1+i%50, at.Format(time.RFC3339))
		}
	}
	return s.rowImport(ctx, "orders", "order_id String, user_id UInt64, product_id UInt64, amount Decimal(18,4), paid_at String, status String",
		"order_id", s.users, write)
}

func (s *suite) rowImport(ctx context.Context, what, columns, order string, rows int, write func(*bufio.Writer)) error {
	took, err := s.upload(ctx, "/v1/demo/"+what+":import", "text/csv", write)
	if err != nil {
		return err
	}
	muster, engine := s.peaks()
	ref, err := s.engineReads(ctx, "bench_reference", columns, order, true, write)
	if err != nil {
		return err
	}
	s.record(Figure{PeakMuster: muster, PeakEngine: engine, Name: "import " + what, Value: float64(rows) / took.Seconds(), Unit: "rows/s",
		Reference: "engine alone reading the same rows", RefValue: float64(rows) / ref.Seconds()})
	return nil
}

// importIDs loads a file of ids, far apart, into a group.
func (s *suite) importIDs(ctx context.Context) error {
	name := filepath.Join(s.dir, "ids.txt")
	if err := writeIDs(name, s.users); err != nil {
		return err
	}
	group, err := s.group(ctx, "all", nil)
	if err != nil {
		return err
	}
	write := func(w *bufio.Writer) {
		f, err := os.Open(name)
		if err != nil {
			return
		}
		defer f.Close()
		_, _ = io.Copy(w, f) // a short read shows in the counts
	}
	took, err := s.upload(ctx, "/v1/demo/groups/"+group+"/members", "text/plain", write)
	if err != nil {
		return err
	}
	muster, engine := s.peaks()
	ref, err := s.engineReads(ctx, "bench_reference", "id UInt64", "id", false, write)
	if err != nil {
		return err
	}
	s.record(Figure{PeakMuster: muster, PeakEngine: engine, Name: "ids into a ready group", Value: float64(s.users) / took.Seconds(), Unit: "ids/s",
		Reference: "engine alone reading the same file", RefValue: float64(s.users) / ref.Seconds()})
	return nil
}

func writeIDs(name string, n int) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range n {
		fmt.Fprintln(w, 1+i*stride%n)
	}
	return w.Flush()
}

// group makes a group of the given ids and returns its id.
func (s *suite) group(ctx context.Context, name string, ids []int) (string, error) {
	made, err := s.call(ctx, "POST", "/v1/demo/groups?wait=60s", object{"name": name, "kind": "ids"})
	if err != nil {
		return "", err
	}
	id := fmt.Sprintf("%.0f", made["id"])
	if len(ids) == 0 {
		return id, nil
	}
	text := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(ids)), "\n"), "[]")
	_, err = s.send(ctx, "POST", s.at.HTTP+"/v1/demo/groups/"+id+"/members?wait=60s", strings.NewReader(text), "text/plain")
	return id, err
}
