package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// client calls one server with one key.
type client struct {
	t    testing.TB
	base string
	key  string
}

// answer is what a call came back with.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// object is a decoded JSON object.
type object = map[string]any

// try makes one call; an error means that no whole answer came.
func (c *client) try(method, path string, body io.Reader, header ...string) (answer, error) {
	req, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		return answer{}, err
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, b}, err
}

// json calls with a JSON body (nil: none), wants the status, and decodes the answer.
func (c *client) json(want int, method, path string, body any, header ...string) object {
	c.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(b)
		header = append(header, "Content-Type", "application/json")
	}
	return c.stream(want, method, path, r, header...)
}

// stream calls with a body as it is.
func (c *client) stream(want int, method, path string, body io.Reader, header ...string) object {
	c.t.Helper()
	a, err := c.try(method, path, body, header...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.Status != want {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.Status, want, clip(a.Body))
	}
	out := object{}
	if len(a.Body) > 0 && strings.Contains(a.Header.Get("Content-Type"), "json") && a.Body[0] == '{' {
		if err := json.Unmarshal(a.Body, &out); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, clip(a.Body))
		}
	}
	return out
}

// csv uploads rows of CSV and waits for the result.
func (c *client) csv(path, rows string) object {
	c.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return c.stream(http.StatusOK, "POST", path+sep+"wait=60s", strings.NewReader(rows), "Content-Type", "text/csv")
}

// count counts a segment, in either form.
func (c *client) count(biz string, where any) uint64 {
	c.t.Helper()
	return num(c.json(http.StatusOK, "POST", "/v1/"+biz+"/segments:count", object{"where": where})["count"])
}

// num reads a number that may be a decimal string.
func num(v any) uint64 {
	switch v := v.(type) {
	case float64:
		return uint64(v)
	case string:
		var n uint64
		if _, err := fmt.Sscan(v, &n); err != nil {
			return 0
		}
		return n
	default:
		return 0
	}
}

// id reads the id of a created thing.
func id(o object) string { return fmt.Sprint(num(o["id"])) }

func clip(b []byte) string {
	if len(b) > 500 {
		b = b[:500]
	}
	return string(b)
}
