package sandbox_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/channels/sandbox"
)

// start serves a sandbox until the test ends and returns its base URL.
func start(t testing.TB, opt sandbox.Options) (*sandbox.Sandbox, string) {
	t.Helper()
	s, err := sandbox.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s, "http://" + ln.Addr().String()
}

func call(t testing.TB, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func token(t testing.TB, base string) string {
	t.Helper()
	_, body := call(t, "POST", base+"/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"a","secret":"s"}`)
	var a struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil || a.AccessToken == "" || a.ExpiresIn != 7200 {
		t.Fatalf("stable_token answered %s (%v)", body, err)
	}
	return a.AccessToken
}

const good = `{"touser":"o1","template_id":"t","data":{"thing1":{"value":"hi \"you\""}}}`

func TestMessagesAreCheckedKeptAndForgotten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "messages")
	if err := os.WriteFile(file, []byte("{\"touser\":\"old\"}\n{\"tou"), 0o600); err != nil { // a torn last line
		t.Fatal(err)
	}
	_, base := start(t, sandbox.Options{File: file})
	send := base + "/cgi-bin/message/subscribe/send?access_token=" + token(t, base)
	for body, want := range map[string]string{
		good:   `{"errcode":0,"errmsg":"ok",`,
		`{"x"`: `{"errcode":47001,`,
		`{"touser":"","template_id":"t","data":{"a":{"value":"b"}}}`:   `{"errcode":40003,`,
		`{"touser":"o","template_id":"","data":{"a":{"value":"b"}}}`:   `{"errcode":40037,`,
		`{"touser":"o","template_id":"t","data":{"a":{"value":""}}}`:   `{"errcode":47003,`,
		`{"touser":"o","template_id":"t","data":{"a":"b"}}`:            `{"errcode":47003,`,
		`{"touser":"o","template_id":"t","data":{}}`:                   `{"errcode":47003,`,
		`{"touser":"o","template_id":"t","data":{"a":{"value":"b"}}`:   `{"errcode":47001,`,
		`{"touser":"o","template_id":"t","data":{"a":{"value":"b"}}}x`: `{"errcode":47001,`,
	} {
		if status, got := call(t, "POST", send, body); status != 200 || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %d %s, want %s", body, status, got, want)
		}
	}
	if _, got := call(t, "POST", base+"/cgi-bin/message/subscribe/send?access_token=no", good); !strings.HasPrefix(got, `{"errcode":40001,`) {
		t.Errorf("a wrong token: %s", got)
	}
	_, lines := call(t, "GET", base+"/sandbox/messages", "")
	got := strings.Split(strings.TrimSpace(lines), "\n")
	if len(got) != 2 || got[0] != `{"touser":"old"}` || !strings.HasPrefix(got[1], `{"touser":"o1","template_id":"t","data":{"thing1":{"value":"hi \"you\""}},"at":"20`) {
		t.Fatalf("kept: %q", got)
	}
	if status, _ := call(t, "DELETE", base+"/sandbox/messages", ""); status != 204 {
		t.Fatalf("delete: %d", status)
	}
	if _, lines := call(t, "GET", base+"/sandbox/messages", ""); lines != "" {
		t.Fatalf("after delete: %q", lines)
	}
}

func TestBehaviour(t *testing.T) {
	s, base := start(t, sandbox.Options{File: filepath.Join(t.TempDir(), "m")})
	send := base + "/cgi-bin/message/subscribe/send?access_token=" + token(t, base)
	for _, bad := range []string{`{"drop_rate":2}`, `{"drop_rate":0.6,"http_500_rate":0.6}`, `{"delay_ms":-1}`, `{"dropp_rate":1}`, `x`} {
		if status, _ := call(t, "PUT", base+"/sandbox/behaviour", bad); status != 400 {
			t.Errorf("%s: %d", bad, status)
		}
	}
	behave := func(b string) {
		t.Helper()
		if status, got := call(t, "PUT", base+"/sandbox/behaviour", b); status != 200 {
			t.Fatalf("%s: %d %s", b, status, got)
		}
	}
	behave(`{"errcode":43101}`)
	if _, got := call(t, "POST", send, good); !strings.HasPrefix(got, `{"errcode":43101,`) {
		t.Fatal(got)
	}
	behave(`{"http_500_rate":1}`)
	if status, got := call(t, "POST", send, good); status != 500 || got != "" {
		t.Fatal(status, got)
	}
	behave(`{"drop_rate":1}`)
	if status, got := call(t, "POST", send, good); status != 0 {
		t.Fatal(status, got)
	}
	behave(`{"delay_ms":30}`)
	begin := time.Now()
	if _, got := call(t, "POST", send, good); !strings.Contains(got, `"ok"`) || time.Since(begin) < 30*time.Millisecond {
		t.Fatal(got)
	}
	if _, lines := call(t, "GET", base+"/sandbox/messages", ""); strings.Count(lines, "\n") != 2 {
		t.Fatalf("the dropped and the delayed message are kept, not %q", lines)
	}
	s.ExpireToken()
	if _, got := call(t, "POST", send, good); !strings.HasPrefix(got, `{"errcode":40001,`) {
		t.Fatal(got)
	}
}

// FuzzSend proves that whatever is accepted leaves one valid line behind.
func FuzzSend(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("{\"touser\":\"\\u00e9\",\"template_id\":\"t\",\"data\":{\"a\":{\n\"value\":\"b\"}}}"))
	f.Add([]byte(`{"touser":"o","template_id":"t","data":{"a":{"value":"b"}},"x":[1,-2.5e3,null,true,{}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		line, code := sandbox.Line(body)
		if code != 0 {
			return
		}
		sc := bufio.NewScanner(bytes.NewReader(line))
		sc.Buffer(nil, 1<<20)
		n := 0
		for sc.Scan() {
			n++
			if !json.Valid(sc.Bytes()) {
				t.Fatalf("%q left %q", body, sc.Bytes())
			}
		}
		if n != 1 {
			t.Fatalf("%q left %d lines", body, n)
		}
		if !json.Valid(body) {
			t.Fatalf("accepted %q", body)
		}
	})
}
