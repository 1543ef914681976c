package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"muster/gateway"
)

// half is a read model that gives the first members of a group, and is busy with the
// rest for as long as anybody asks.
type half struct{ gateway.Queries }

func (half) EachMember(ctx context.Context, _ string, _ uint64, fn func(user uint64) error) error {
	for user := range uint64(10_000) {
		if err := fn(user); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// follow opens a stream with a key and reads its first line. What does not end by itself
// ends in a deadline, which is an error of its own.
func (h *house) follow(path, key string) *bufio.Reader {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	h.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+path, nil)
	must(h.t, err)
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := h.http.Do(req)
	must(h.t, err)
	h.t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %d", path, res.StatusCode)
	}
	r := bufio.NewReader(res.Body)
	_, err = r.ReadString('\n')
	must(h.t, err)
	return r
}

// rest reads a stream to its end, and says whether it ended and whether it looked whole.
func rest(r io.Reader) (ended, whole bool) {
	_, err := io.Copy(io.Discard, r)
	return !errors.Is(err, context.DeadlineExceeded), err == nil
}

func TestARevokedKeyKeepsNoStream(t *testing.T) {
	h := open(t, func(o *options) { o.Queries = half{o.Queries} })
	export := "/v1/shop/groups/" + h.shop() + "/members.csv"
	k := h.want(200, "POST", "/v1/keys", `{"name":"reader","biz":"shop","role":"viewer"}`)
	key := k["key"].(string)
	live, csv, other := h.follow("/v1/shop/stream", key), h.follow(export, key), h.follow("/v1/shop/stream", h.key)
	h.want(200, "DELETE", "/v1/keys/"+k["id"].(string)+"?wait=20s", "")
	if ended, _ := rest(live); !ended {
		t.Error("the live stream goes on")
	}
	if ended, whole := rest(csv); !ended || whole {
		t.Errorf("the export ended: %t, as if it were whole: %t", ended, whole)
	}
	h.want(202, "POST", "/v1/shop/groups", `{"name":"seen","kind":"ids"}`)
	for line := ""; !strings.Contains(line, "group.created"); {
		var err error
		if line, err = other.ReadString('\n'); err != nil {
			t.Fatalf("the stream of another key ended: %v", err)
		}
	}
}

// An upload that a key began counts only if the key may still be used at its end.
func TestAKeyRevokedDuringItsUploadChangesNothing(t *testing.T) {
	h := open(t)
	group := h.shop()
	k := h.want(200, "POST", "/v1/keys?wait=20s", `{"name":"loader","biz":"shop","role":"operator"}`)
	body, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1/shop/groups/"+group+"/members?wait=20s", body)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+k["key"].(string))
	req.Header.Set("Content-Type", "text/plain")
	status := make(chan int, 1)
	go func() {
		res, err := h.http.Do(req)
		if err != nil {
			status <- 0
			return
		}
		defer res.Body.Close()
		status <- res.StatusCode
	}()
	// More than connections hold on the way: some of it was read, so the key was let in.
	_, err = w.Write([]byte(strings.Repeat("1"+strings.Repeat(" ", 1_000)+"\n", 24_000)))
	must(t, err)
	h.want(200, "DELETE", "/v1/keys/"+k["id"].(string)+"?wait=20s", "")
	must(t, w.Close())
	if got := <-status; got != http.StatusUnauthorized {
		t.Errorf("the upload of a revoked key: %d", got)
	}
	if g := h.want(200, "GET", "/v1/shop/groups/"+group, ""); g["count"] != "0" && g["count"] != float64(0) {
		t.Errorf("the group has %v members", g["count"])
	}
}
