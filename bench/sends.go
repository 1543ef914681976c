package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/valyala/fasthttp"
)

func (s *suite) campaign(ctx context.Context, where string) (string, error) {
	if _, err := s.call(ctx, "PUT", "/v1/demo/templates/bench?wait=60s", object{"channel": "wechat", "provider_template_id": "tmpl-1",
		"data": object{"thing1": "Hello {{name}}"}}); err != nil {
		return "", err
	}
	made, err := s.call(ctx, "POST", "/v1/demo/campaigns?wait=60s", object{"name": "bench", "template": "bench", "where": where})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%.0f", made["id"]), nil
}

// launch compares the click for ten users with the click for all, in turn, each cancelled at once.
func (s *suite) launch(ctx context.Context) error {
	ten, err := s.group(ctx, "ten", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
	if err != nil {
		return err
	}
	const n = 200
	var took [2][]time.Duration
	for range n {
		for k, where := range []string{"group(" + ten + ")", "tag(1) or tag(2) or tag(3) or tag(4) or tag(5)"} {
			id, err := s.campaign(ctx, where)
			if err != nil {
				return err
			}
			if err := s.idle(ctx); err != nil { // the work of the one before is not this click's
				return err
			}
			began := time.Now()
			if _, err := s.call(ctx, "POST", "/v1/demo/campaigns/"+id+":launch", nil); err != nil {
				return err
			}
			took[k] = append(took[k], time.Since(began))
			if _, err := s.call(ctx, "POST", "/v1/demo/campaigns/"+id+":cancel?wait=60s", nil); err != nil {
				return err
			}
		}
	}
	bare, err := s.barePublish(ctx, n)
	if err != nil {
		return err
	}
	for k := range took {
		slices.Sort(took[k])
	}
	small, large := percentile(took[0], 99), percentile(took[1], 99)
	s.record(Figure{Name: "launch of ten, p99", Value: ms(small), Unit: "ms", Reference: "bare JetStream publish, p99", RefValue: ms(percentile(bare, 99))})
	s.record(Figure{Name: "launch of all, p99", Value: ms(large), Unit: "ms", Reference: "launch of ten, p99", RefValue: ms(small)})
	return nil
}

// idle waits until every projection has caught up.
func (s *suite) idle(ctx context.Context) error {
	return await(ctx, func() (bool, error) {
		out, err := s.call(ctx, "GET", "/v1/projections", nil)
		if err != nil {
			return false, err
		}
		list, _ := out["items"].([]any)
		for _, item := range list {
			if p, _ := item.(object); p["lag"] != 0.0 {
				return false, nil
			}
		}
		return true, nil
	})
}

func (s *suite) barePublish(ctx context.Context, n int) ([]time.Duration, error) {
	js, done, err := s.jetStream()
	if err != nil {
		return nil, err
	}
	defer done()
	stream, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "BENCH", Subjects: []string{"bench.>"}, Storage: jetstream.FileStorage})
	if err != nil {
		return nil, err
	}
	took, err := repeat(n, func(int) error { _, err := js.Publish(ctx, "bench.one", make([]byte, 200)); return err })
	if e := js.DeleteStream(ctx, stream.CachedInfo().Config.Name); err == nil {
		err = e
	}
	return took, err
}

func (s *suite) jetStream() (jetstream.JetStream, func(), error) {
	nc, err := nats.Connect(s.at.NATS)
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	return js, nc.Close, err
}

// dispatch sends to every user, beside a bare loop of the same posts to the same sandbox.
func (s *suite) dispatch(ctx context.Context) error {
	bare, err := s.barePosts(ctx, 5*time.Second)
	if err != nil {
		return err
	}
	if _, err := s.send(ctx, "DELETE", s.at.Sandbox+"/sandbox/messages", nil, ""); err != nil {
		return err
	}
	id, err := s.campaign(ctx, "tag(1) or tag(2) or tag(3) or tag(4) or tag(5)")
	if err != nil {
		return err
	}
	began := time.Now()
	if _, err := s.call(ctx, "POST", "/v1/demo/campaigns/"+id+":launch", nil); err != nil {
		return err
	}
	var report object
	// Each look makes the engine add up the books, on the cores that send.
	err = awaitEvery(ctx, 200*time.Millisecond, func() (bool, error) {
		report, err = s.call(ctx, "GET", "/v1/demo/campaigns/"+id+"/report", nil)
		return report["status"] == "completed", err
	})
	if err != nil {
		return err
	}
	if report["sent"] != float64(s.users) {
		return fmt.Errorf("not everyone was sent to: %v", report)
	}
	s.record(Figure{Name: "dispatch, click to closed books", Value: float64(s.users) / time.Since(began).Seconds(), Unit: "users/s",
		Reference: "bare fasthttp loop to the sandbox", RefValue: bare})
	return nil
}

// barePosts posts messages as fast as one loop per connection can, for a while.
func (s *suite) barePosts(ctx context.Context, d time.Duration) (float64, error) {
	out, err := s.send(ctx, "POST", s.at.Sandbox+"/cgi-bin/stable_token",
		jsonReader(object{"grant_type": "client_credential", "appid": "sandbox", "secret": "sandbox"}), "application/json")
	if err != nil {
		return 0, err
	}
	url := fmt.Sprintf("%s/cgi-bin/message/subscribe/send?access_token=%v", s.at.Sandbox, out["access_token"])
	body := []byte(`{"touser":"openid-1234567","template_id":"tmpl-1","data":{"thing1":{"value":"Hello User 1234567"}}}`)
	client := &fasthttp.Client{MaxConnsPerHost: 64}
	var sent atomic.Int64
	var failure atomic.Pointer[error]
	end := time.Now().Add(d)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			req.SetRequestURI(url)
			req.Header.SetMethod("POST")
			req.Header.SetContentType("application/json")
			req.SetBody(body)
			for time.Now().Before(end) && ctx.Err() == nil {
				if err := client.Do(req, res); err != nil {
					failure.Store(&err)
					return
				}
				sent.Add(1)
			}
		})
	}
	wg.Wait()
	if err := failure.Load(); err != nil {
		return 0, *err
	}
	return float64(sent.Load()) / d.Seconds(), ctx.Err()
}
