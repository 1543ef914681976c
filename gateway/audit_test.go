package gateway_test

import (
	"bufio"
	"strconv"
	"strings"
	"testing"
)

func TestEventsBeyondTheEndAreNone(t *testing.T) {
	h := open(t)
	h.shop()
	for _, after := range []string{"99999", "9223372036854775807"} {
		page := h.want(200, "GET", "/v1/shop/events?after="+after, "")
		if len(page["items"].([]any)) != 0 || page["next"] != nil {
			t.Errorf("after %s: %v", after, page)
		}
	}
}

func TestALiveStreamFromBeyondTheEndBringsWhatComes(t *testing.T) {
	h := open(t)
	group := h.shop()
	past := h.want(200, "GET", "/v1/shop/events?limit=500", "")["items"].([]any)
	head := past[len(past)-1].(map[string]any)["seq"].(float64)
	res := h.begin("/v1/shop/stream", "Last-Event-ID", "99999")
	defer res.Body.Close()
	sc := bufio.NewScanner(res.Body)
	seen := make(chan bool, 1)
	go func() {
		for sc.Scan() {
			if id, ok := strings.CutPrefix(sc.Text(), "id: "); ok {
				seq, err := strconv.ParseFloat(id, 64)
				seen <- err == nil && seq > head
				return
			}
		}
		seen <- false
	}()
	// The greeting does not say that the log is already followed: something new comes until it is seen.
	eventually(t, "a new event on the stream, and none before it", func() bool {
		h.want(200, "POST", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n", lines...)
		h.want(200, "DELETE", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n", lines...)
		select {
		case first := <-seen:
			if !first {
				t.Fatal("the first event on the stream is an old one, or the stream was cut")
			}
			return true
		default:
			return false
		}
	})
}
