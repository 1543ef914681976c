package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// refusal is one bad request and the answer it must get.
type refusal struct {
	name         string
	method, path string
	body         io.Reader
	header       []string
	status       int
	code         string
	says         string // part of the detail
}

// Whatever comes in at the door, the answer is a refusal that says what is wrong, and nothing changes.
func TestBadInput(t *testing.T) {
	s := start(t, t.TempDir())
	made := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "bad input", "kind": "ids"})
	group := "/v1/demo/groups/" + id(made)
	gone := "/v1/demo/groups/" + id(s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "gone", "kind": "ids"}))
	s.json(200, "POST", gone+":archive?wait=30s", nil)
	s.json(200, "PUT", "/v1/shop?wait=30s", object{"name": "Shop", "timezone": "UTC"})
	key := func(role, biz string) *client {
		k := s.json(200, "POST", "/v1/keys?wait=30s", object{"name": role, "role": role, "biz": biz})
		return &client{t: t, base: s.base, key: k["key"].(string)}
	}

	s.checkRows(group)
	for _, c := range append(badUploads(group+"/members", gone), badCalls(group)...) {
		t.Run(c.name, func(t *testing.T) { s.refuses(t, c) })
	}
	for _, c := range []struct {
		name   string
		who    *client
		call   refusal
		status int
		code   string
	}{
		{"no key", &client{t: t, base: s.base}, refusal{method: "GET", path: group}, 401, "unauthorized"},
		{"a made-up key", &client{t: t, base: s.base, key: "mk_0_0"}, refusal{method: "GET", path: group}, 401, "unauthorized"},
		{"a key of another biz", key("admin", "shop"), refusal{method: "GET", path: group}, 403, "forbidden"},
		{"a viewer", key("viewer", "demo"), refusal{method: "POST", path: group + "/members", body: strings.NewReader("1")}, 403, "forbidden"},
		{"an operator", key("operator", "demo"), refusal{method: "GET", path: "/v1/keys"}, 403, "forbidden"},
	} {
		c.call.status, c.call.code = c.status, c.code
		t.Run(c.name, func(t *testing.T) { c.who.refuses(t, c.call) })
	}
	t.Run("a replayed key", func(t *testing.T) { s.replay(t, group) })
	t.Run("a body cut off", func(t *testing.T) { s.cutOff(t, group) })
	t.Run("a template field missing", func(t *testing.T) { s.missingField(t, group) })
	if n := num(s.json(200, "GET", group, nil)["count"]); n != 4 {
		t.Errorf("the group holds %d users, want the 4 of the rows that are right", n)
	}
}

func (c *client) refuses(t *testing.T, r refusal) {
	t.Helper()
	a, err := c.try(r.method, r.path, r.body, r.header...)
	if err != nil {
		t.Fatal(err)
	}
	var p struct{ Code, Detail string }
	if err := json.Unmarshal(a.Body, &p); err != nil {
		t.Fatalf("status %d without a problem: %s", a.Status, clip(a.Body))
	}
	if a.Status != r.status || p.Code != r.code || !strings.Contains(p.Detail, r.says) {
		t.Errorf("answered %d %s %q, want %d %s %q", a.Status, p.Code, p.Detail, r.status, r.code, r.says)
	}
}

// checkRows uploads rows of which four are right: the others are named, and why.
func (s *server) checkRows(group string) {
	s.t.Helper()
	out := s.stream(200, "POST", group+"/members?wait=30s", strings.NewReader("\xef\xbb\xbfuser_id\r\n1\nabc\r-5\r\n"+
		"18446744073709551616\n18446744073709551615\n\n+8\n1e3\n 7 \n٣\n9\x00\n1\n\"2\"\n"), "Content-Type", "text/csv")
	var reasons []string
	rejected, _ := out["rejected"].([]any)
	for _, r := range rejected {
		reasons = append(reasons, fmt.Sprint(r.(object)["reason"]))
	}
	if num(out["accepted"]) != 5 || len(reasons) != 7 {
		s.t.Errorf("accepted %v rows, rejected: %q", out["accepted"], reasons)
	}
	for i, says := range []string{"not a number", "negative", "above 18446744073709551615"} {
		if i >= len(reasons) || !strings.Contains(reasons[i], says) {
			s.t.Errorf("reason %d is not %q: %q", i, says, reasons)
		}
	}
}

func badUploads(members, gone string) []refusal {
	up := func(name, contentType, body, says string, header ...string) refusal {
		return refusal{name: name, method: "POST", path: members + "?wait=30s", body: strings.NewReader(body),
			header: append(header, "Content-Type", contentType), status: 400, code: "invalid", says: says}
	}
	zipped := squeeze(strings.Repeat("1\n2\n3\n", 1000))
	endless := up("a line of 10 GB", "text/plain", "", "longer than")
	endless.body, endless.status, endless.code = &endlessLine{left: 10 << 30}, 413, "too_large"
	archived := up("an archived group", "text/plain", "1\n", "archived")
	archived.path, archived.status, archived.code = gone+"/members", 409, "conflict"
	unknown := up("an unknown group", "text/plain", "1\n", "no such group")
	unknown.path, unknown.status, unknown.code = "/v1/demo/groups/999999/members", 404, "not_found"
	return []refusal{
		up("an empty file", "text/plain", "", "empty"),
		up("an empty table", "text/csv", "", "empty"),
		up("no rows", "text/plain", "\n\r\n\n", "no rows"),
		up("broken gzip", "text/plain", zipped[:len(zipped)-20], "gzip", "Content-Encoding", "gzip"),
		up("no gzip at all", "text/plain", "1\n", "gzip", "Content-Encoding", "gzip"),
		up("no zstd at all", "text/plain", "1\n", "zstd", "Content-Encoding", "zstd"),
		up("an encoding nobody knows", "text/plain", "1\n", "encoding", "Content-Encoding", "br"),
		up("a wrong type", "image/png", "1\n", "type"),
		up("a wrong header", "text/csv", "name,age\nann,7\n", "unknown"),
		up("a header twice", "text/csv", "user_id,user_id\n1,2\n", "twice"),
		up("UTF-16", "text/csv", "\xff\xfeu\x00s\x00", "UTF-16"),
		up("JSON of another kind", "application/json", `{"user":[1]}`, "unknown field"),
		up("JSON that ends early", "application/json", `{"users":[1,2`, "too early"),
		up("JSON with more behind it", "application/json", `{"users":[1]} and more`, "behind the end"),
		endless, archived, unknown,
	}
}

func badCalls(group string) []refusal {
	post := func(name, path string, body any, status int, code, says string) refusal {
		b, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		return refusal{name: name, method: "POST", path: path, body: bytes.NewReader(b),
			header: []string{"Content-Type", "application/json"}, status: status, code: code, says: says}
	}
	count := func(name string, where any, says string) refusal {
		return post(name, "/v1/demo/segments:count", object{"where": where}, 400, "invalid", says)
	}
	get := func(name, path string, status int, code string) refusal {
		return refusal{name: name, method: "GET", path: path, status: status, code: code}
	}
	deep := refusal{name: "10,000-deep JSON", method: "POST", path: "/v1/demo/segments:count", header: []string{"Content-Type", "application/json"},
		body:   strings.NewReader(`{"where":` + strings.Repeat(`{"not":`, 10_000) + `{"tag":1}` + strings.Repeat("}", 10_001)),
		status: 400, code: "invalid"}
	return []refusal{
		count("unbalanced text", "(tag(1) and tag(2)", "line 1, column 19"),
		count("a bracket too many", "tag(1))", "closes nothing"),
		count("text of nothing", "", "line 1, column 1"),
		count("10,000-deep text", strings.Repeat("(", 10_000)+"tag(1)"+strings.Repeat(")", 10_000), "nested too deeply"),
		count("10,000 nots", strings.Repeat("not ", 10_000)+"tag(1)", "nested too deeply"),
		deep,
		count("an expression for a group's id", object{"all": []any{object{"group": object{"group": 1}}}}, "expected the group id"),
		count("an unknown word", object{"tagg": 1}, "tagg"),
		count("an unknown group in text", "group(987654)", "no group 987654"),
		count("an unknown group in JSON", object{"group": 987654}, "no group 987654"),
		post("an unknown field", "/v1/demo/groups", object{"name": "x", "kind": "ids", "zz": 1}, 400, "invalid", ""),
		post("an unknown biz", "/v1/nobody/groups", object{"name": "x", "kind": "ids"}, 404, "not_found", "product line"),
		post("an unknown template", "/v1/demo/campaigns?wait=30s", object{"name": "x", "template": "nope", "where": "tag(1)"}, 404, "not_found", "template"),
		post("a long name", "/v1/demo/groups", object{"name": strings.Repeat("x", 100_000), "kind": "ids"}, 400, "invalid", ""),
		post("a huge body", "/v1/demo/groups", object{"name": strings.Repeat("x", 2<<20), "kind": "ids"}, 413, "too_large", ""),
		get("a limit of nothing", group+"/members?limit=0", 400, "invalid"),
		get("a made-up cursor", group+"/members?cursor="+url.QueryEscape("\x00\xff"), 400, "invalid"),
		get("a path that is none", "/v1/demo/nothing", 404, "not_found"),
		get("an id above all", "/v1/demo/groups/18446744073709551616", 404, "not_found"),
		{name: "a huge idempotency key", method: "POST", path: "/v1/demo/groups", body: strings.NewReader(`{"name":"x","kind":"ids"}`),
			header: []string{"Content-Type", "application/json", "Idempotency-Key", strings.Repeat("k", 4<<20)}, status: 431, code: "too_large", says: "headers"},
		{name: "a long idempotency key", method: "POST", path: "/v1/demo/groups", body: strings.NewReader(`{"name":"x","kind":"ids"}`),
			header: []string{"Content-Type", "application/json", "Idempotency-Key", strings.Repeat("k", 300)}, status: 400, code: "invalid"},
		{name: "a wrong method", method: "PATCH", path: "/v1/demo/groups", status: 405, code: "invalid"},
		{name: "a wait without measure", method: "POST", path: "/v1/demo/groups?wait=soon", body: strings.NewReader(`{"name":"x","kind":"ids"}`),
			header: []string{"Content-Type", "application/json"}, status: 400, code: "invalid", says: "duration"},
	}
}

// replay sends other things under a key that was used: they are refused, and the first stands.
func (s *server) replay(t *testing.T, group string) {
	once := []string{"Idempotency-Key", "once"}
	first := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "first", "kind": "ids"}, once...)
	again := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "first", "kind": "ids"}, once...)
	if id(first) != id(again) {
		t.Errorf("one key made the groups %s and %s", id(first), id(again))
	}
	s.json(422, "POST", "/v1/demo/groups?wait=30s", object{"name": "second", "kind": "ids"}, once...)
	s.json(422, "PUT", "/v1/demo/tags/5?wait=30s", object{"name": "other"}, once...)
	upload := []string{"Idempotency-Key", "upload", "Content-Type", "text/plain"}
	for range 2 {
		s.stream(200, "POST", group+"/members?wait=30s", strings.NewReader("1\n2\n"), upload...)
	}
	s.stream(422, "POST", group+"/members?wait=30s", strings.NewReader("3\n4\n"), upload...)
	s.stream(422, "DELETE", group+"/members?wait=30s", strings.NewReader("1\n2\n"), upload...)
}

// cutOff ends bodies half-way: what came of them does not count.
func (s *server) cutOff(t *testing.T, group string) {
	u, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		"Content-Length: 1000\r\n\r\n101\n102\n",
		"Content-Length: 300000\r\n\r\n" + strings.Repeat("101\n", 50_000),
		"Transfer-Encoding: chunked\r\n\r\n8\r\n101\n102\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\nzz\r\n101\n\r\n",
	} {
		c, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(c, "POST %s/members?wait=30s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: text/plain\r\n%s", group, s.key, body)
		_ = c.(*net.TCPConn).CloseWrite()
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		answer, _ := io.ReadAll(c)
		_ = c.Close()
		if len(answer) > 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) {
			t.Errorf("half a body was answered with %s", clip(answer))
		}
	}
}

// missingField sends a message to a user who has no value for one of its fields: that is skipped, and shown.
func (s *server) missingField(t *testing.T, group string) {
	s.csv("/v1/demo/users:import", "user_id,openid\n1,o-1\n2,\n")
	s.json(200, "PUT", "/v1/demo/templates/promo?wait=30s", object{"channel": "wechat", "provider_template_id": "tmpl-1",
		"data": object{"thing1": "{{promo}}"}})
	c := s.json(200, "POST", "/v1/demo/campaigns?wait=30s", object{"name": "x", "template": "promo", "where": "group(" + group[strings.LastIndex(group, "/")+1:] + ")"})
	s.json(200, "POST", "/v1/demo/campaigns/"+id(c)+":launch?wait=30s", nil)
	r := s.finished("demo", id(c))
	codes, _ := r["by_code"].(object)
	if num(r["audience"]) != 4 || num(r["skipped"]) != 4 || num(codes["missing_field"]) == 0 {
		t.Errorf("the books say %v", r)
	}
	if m := s.sandbox(http.MethodGet, "/sandbox/messages", ""); len(m) > 0 {
		t.Errorf("the provider got %s", clip(m))
	}
}

// endlessLine is a body of one line.
type endlessLine struct{ left int }

func (e *endlessLine) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = 'y'
	}
	e.left -= n
	return n, nil
}

func squeeze(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}
