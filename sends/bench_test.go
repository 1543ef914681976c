package sends_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"muster/channels"
	"muster/channels/wechat"
	"muster/sends"
)

const benchUsers = 100_000

// BenchmarkDispatch sends one campaign to 100,000 users through the sandbox, from launch to closed books, with
// claims and outcomes in a log that syncs every write; and beside it a bare fasthttp loop that posts the same body
// to the same sandbox.
func BenchmarkDispatch(b *testing.B) {
	b.Run("muster", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			h := newHouse(b)
			h.model.fillTo(benchUsers)
			h.start("a", func(o *sends.Options) {
				wc, err := wechat.New(wechat.Options{BaseURL: h.url, AppID: "app", Secret: "secret"})
				h.must(err)
				o.Channels = []channels.Channel{wc}
			})
			b.StartTimer()
			begin := time.Now()
			h.launch(31, 10_000, template())
			books := h.completed(31)
			b.ReportMetric(benchUsers/time.Since(begin).Seconds(), "users/s")
			if books.Sent != benchUsers {
				b.Fatalf("books %+v", books)
			}
		}
	})
	b.Run("bare loop", func(b *testing.B) {
		h := newHouse(b)
		client := &fasthttp.HostClient{Addr: strings.TrimPrefix(h.url, "http://"), MaxConns: 512}
		url := h.url + "/cgi-bin/message/subscribe/send?access_token=" + fetchToken(b, h.url)
		body := []byte(`{"touser":"o123456","template_id":"tmpl-1","page":"pages/index","data":{"number2":{"value":"123456"},"thing1":{"value":"Hello Ann of Wuhan"}}}`)
		for range b.N {
			begin := time.Now()
			post(client, url, body, benchUsers, 128)
			b.ReportMetric(benchUsers/time.Since(begin).Seconds(), "users/s")
		}
	})
}

func post(client *fasthttp.HostClient, url string, body []byte, n int64, width int) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range width {
		wg.Go(func() {
			req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			defer fasthttp.ReleaseRequest(req)
			defer fasthttp.ReleaseResponse(resp)
			for next.Add(1) <= n {
				req.SetRequestURI(url)
				req.Header.SetMethod("POST")
				req.SetBodyRaw(body)
				if err := client.Do(req, resp); err != nil {
					panic(err)
				}
			}
		})
	}
	wg.Wait()
}

func fetchToken(b *testing.B, url string) string {
	resp, err := http.Post(url+"/cgi-bin/stable_token", "application/json", strings.NewReader(`{"grant_type":"client_credential","appid":"a","secret":"s"}`))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(resp.Body); err != nil {
		b.Fatal(err)
	}
	return strings.Split(buf.String(), `"`)[3]
}
