package wechat_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/channels"
	"muster/channels/wechat"
)

// TestWhyThereIsNoToken asks a WeChat that refuses tokens: the outcome says why, the log says it once per
// change, and neither holds the secret or a token.
func TestWhyThereIsNoToken(t *testing.T) {
	var answer atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/stable_token") {
			_, _ = fmt.Fprint(w, answer.Load())
			return
		}
		_, _ = fmt.Fprint(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	defer server.Close()
	var log bytes.Buffer
	now := time.Now()
	c := channel(t, strings.TrimPrefix(server.URL, "http://"), wechat.Options{
		Log: slog.New(slog.NewTextHandler(&log, nil)), Clock: func() time.Time { return now },
	})
	l, err := c.Compile(channels.Template{ProviderID: "t", Data: map[string]string{"thing1": "Hi"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		answer, reason string
		logged         int // lines in all
	}{
		{`{"errcode":40125,"errmsg":"invalid appsecret rid: 6"}`, "WeChat gave no access token: the secret is wrong (errcode 40125)", 1},
		{`{"errcode":40125,"errmsg":"invalid appsecret rid: 7"}`, "WeChat gave no access token: the secret is wrong (errcode 40125)", 1},
		{`{"errcode":40164,"errmsg":"invalid ip"}`, "WeChat gave no access token: this server's address is not on WeChat's list (errcode 40164)", 2},
		{`{"errcode":12345}`, "WeChat gave no access token: WeChat refused (errcode 12345)", 3},
		{`{"access_token":"TOKEN-1","expires_in":7200}`, "", 4},
	} {
		answer.Store(step.answer)
		now = now.Add(2 * time.Second) // the last failure is remembered for a moment
		results := make([]channels.Result, 1)
		c.Send(context.Background(), channels.Batch{Campaign: "1", Layout: l, To: []channels.Recipient{{UserID: 1, OpenID: "o1"}}}, results)
		if results[0].Reason != step.reason {
			t.Errorf("%s: %+v, want the reason %q", step.answer, results[0], step.reason)
		}
		if n := strings.Count(log.String(), "\n"); n != step.logged {
			t.Errorf("%s: %d lines in the log, want %d:\n%s", step.answer, n, step.logged, log.String())
		}
	}
	for _, hidden := range []string{"TOKEN", "secret\":", "=secret", "appsecret"} {
		if strings.Contains(log.String(), hidden) {
			t.Errorf("the log holds %q:\n%s", hidden, log.String())
		}
	}
}
