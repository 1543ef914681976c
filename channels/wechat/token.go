package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"muster/channels/internal/wire"
	"muster/internal/fault"
)

const (
	refreshBefore = 5 * time.Minute  // WeChat hands out the next token this long before the old one ends
	forceEvery    = 30 * time.Second // force_refresh is allowed 20 times a day; never use it up in one burst
	fetchEvery    = time.Second      // after a failed fetch
)

// token is one access token and the URL that sends with it.
type token struct {
	value   string
	sendURL string
	until   time.Time // when WeChat stops taking it
	refresh time.Time // when to ask for the next
}

// tokens keeps the one token of an account. Any number of goroutines ask; one fetches.
type tokens struct {
	client  *wire.Client
	base    string
	body    [2][]byte // request bodies: plain, and with force_refresh
	clock   func() time.Time
	current atomic.Pointer[token]

	mu     sync.Mutex // held while fetching
	forced time.Time  // last force_refresh
	failed time.Time  // last failure, and what it was
	err    error
	log    *slog.Logger
	told   string // the trouble that the log tells of; "" when there is none
}

// troubleError says in words that anybody may read why there is no token. Its cause is for
// nobody: it may hold what a server in between answered.
type troubleError struct{ why string }

func (e *troubleError) Error() string { return e.why }

// whyNoToken is what may be told of an error: WeChat's errcode, or an HTTP status.
func whyNoToken(err error) string {
	var t *troubleError
	if errors.As(err, &t) {
		return t.why
	}
	return "WeChat could not be reached"
}

func newTokens(client *wire.Client, base, appID, secret string, clock func() time.Time, log *slog.Logger) *tokens {
	t := &tokens{client: client, base: base, clock: clock, log: log}
	for i := range t.body {
		req := map[string]any{"grant_type": "client_credential", "appid": appID, "secret": secret, "force_refresh": i == 1}
		t.body[i], _ = json.Marshal(req) // strings and a bool always marshal
	}
	return t
}

// get returns a token that is good now. Near its end one caller fetches the next while the others go on with it.
func (t *tokens) get(ctx context.Context) (*token, error) {
	cur, now := t.current.Load(), t.clock()
	if cur != nil && now.Before(cur.refresh) {
		return cur, nil
	}
	if cur != nil && now.Before(cur.until) {
		if t.mu.TryLock() {
			defer t.mu.Unlock()
			if next, err := t.fetch(ctx, false); err == nil {
				return next, nil
			}
		}
		return cur, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if cur = t.current.Load(); cur != nil && t.clock().Before(cur.until) {
		return cur, nil
	}
	return t.fetch(ctx, false)
}

// replace returns another token after WeChat refused bad. Callers that come with a token that is not the current
// one any more just get the current one.
func (t *tokens) replace(ctx context.Context, bad *token) (*token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if cur := t.current.Load(); cur != nil && cur.value != bad.value {
		return cur, nil
	}
	next, err := t.fetch(ctx, false)
	if err != nil || next.value != bad.value {
		return next, err
	}
	// WeChat believes in the token it refuses: ask for a really new one, rarely.
	if now := t.clock(); now.Sub(t.forced) >= forceEvery {
		t.forced = now
		return t.fetch(ctx, true)
	}
	return nil, t.fail(t.clock(), &troubleError{"WeChat refuses the token it handed out"})
}

// fetch asks WeChat for a token. The caller holds mu. Failures are remembered for a moment, so that a thousand
// waiting senders do not ask a thousand times.
func (t *tokens) fetch(ctx context.Context, force bool) (*token, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "fetch WeChat's token")
	}
	now := t.clock()
	if t.err != nil && now.Sub(t.failed) < fetchEvery {
		return nil, t.err
	}
	next, err := t.ask(ctx, force)
	if err != nil {
		return nil, t.fail(now, err)
	}
	t.err = nil
	if t.told != "" {
		t.told = ""
		t.log.Info("WeChat gives access tokens again")
	}
	t.current.Store(next)
	return next, nil
}

// fail remembers a failure, and tells the log of it once, until it is another or over. The
// caller holds mu.
func (t *tokens) fail(now time.Time, err error) error {
	t.failed, t.err = now, fault.Wrap(fault.Unavailable, err, "fetch WeChat's token")
	if why := whyNoToken(err); why != t.told {
		t.told = why
		t.log.Warn("WeChat gives no access token; messages wait", "reason", why)
	}
	return t.err
}

func (t *tokens) ask(ctx context.Context, force bool) (*token, error) {
	body := t.body[0]
	if force {
		body = t.body[1]
	}
	x := wire.Acquire(ctx)
	defer x.Release()
	asked := t.clock()
	status, answer, err := t.client.Post(x, t.base+"/cgi-bin/stable_token", body)
	if err != nil {
		return nil, err
	}
	var a struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"` // seconds
		ErrCode     int    `json:"errcode"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || status != 200 {
		return nil, &troubleError{fmt.Sprintf("stable_token answered HTTP %d", status)}
	}
	if a.AccessToken == "" {
		return nil, &troubleError{tokenTrouble(a.ErrCode)}
	}
	life := time.Duration(a.ExpiresIn) * time.Second
	return &token{
		value: a.AccessToken, sendURL: t.base + "/cgi-bin/message/subscribe/send?access_token=" + a.AccessToken,
		until: asked.Add(life), refresh: asked.Add(life - min(refreshBefore, life/4)),
	}, nil
}
