package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"muster/internal/fault"
)

const (
	sessionCookie = "muster_session"   // holds the key; no script can read it
	sessionHeader = "X-Muster-Console" // a page of another site cannot add it without asking
	sessionLasts  = 12 * time.Hour
	sessionBody   = 1 << 10
)

// Session is who is signed in, in a browser or with a key.
type Session struct {
	Role string `json:"role" enum:"nobody,viewer,operator,admin" doc:"nobody: not signed in"`
	Biz  string `json:"biz,omitempty" doc:"The product line that the key is for, or * for all"`
	Key  string `json:"key_id,omitempty"`
	Name string `json:"name,omitempty" doc:"The key's"`
}

type signIn struct {
	Key string `json:"key" doc:"A key as muster keys create shows it"`
}

// registerSession adds how a browser signs in. Scripts use a key in each call instead.
func (g *Gateway) registerSession() {
	console := parameter("header", sessionHeader, "Any value, from a page; it shows that no page of another site asks", false)
	answer := map[string]*huma.Response{"200": g.jsonOf("Who is signed in", Session{})}

	r := at(Nobody, http.MethodPost, "/v1/session", "sign-in", tagOperations, "Sign a browser in").
		about("Keeps the key in a cookie that no script can read, for twelve hours. Calls that rest on the cookie and change something need the header " + sessionHeader + ".")
	r.op.Parameters, r.op.Responses = []*huma.Param{console}, answer
	r.op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: g.schema(signIn{})}}}
	g.raw(r, g.signIn)

	r = at(Nobody, http.MethodGet, "/v1/session", "get-session", tagOperations, "Who is signed in").
		about("Nobody is an answer too, whatever the reason: no key, a wrong one, one that was revoked. A cookie that holds a revoked key, or none at all, is taken back.")
	r.op.Responses = answer
	g.raw(r, g.session)

	r = at(Nobody, http.MethodDelete, "/v1/session", "sign-out", tagOperations, "Sign a browser out")
	r.op.Parameters, r.op.Responses = []*huma.Param{console}, map[string]*huma.Response{"204": {Description: "Nobody is signed in"}}
	g.raw(r, func(c *fiber.Ctx) error {
		if err := fromOurPage(c); err != nil {
			return err
		}
		setSession(c, "", -time.Hour)
		return c.SendStatus(http.StatusNoContent)
	})
}

// session says who is signed in. Having no key that is good is no mistake of who asks, and
// too many wrong keys are no better than one: a page needs to know that nobody is. A key that
// is unknown here may be a new one, which another gateway has heard of already.
func (g *Gateway) session(c *fiber.Ctx) error {
	p, err := g.authenticate(c)
	switch {
	case fault.Is(err, fault.Unauthorized), fault.Is(err, fault.RateLimited):
		if cookie := c.Cookies(sessionCookie); c.Get(fiber.HeaderAuthorization) == "" && cookie != "" && g.useless(cookie) {
			setSession(c, "", -time.Hour)
		}
		return c.JSON(Session{Role: Nobody.String()})
	case err != nil:
		return err
	}
	return c.JSON(g.sessionOf(p))
}

// useless says that a key is none, or will never be good again.
func (g *Gateway) useless(key string) bool {
	id, _, ok := splitKey(key)
	known, found := g.state.anyKey(id)
	return !ok || found && known.Revoked
}

func (g *Gateway) signIn(c *fiber.Ctx) error {
	if err := fromOurPage(c); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(bodyOf(c), sessionBody+1))
	if err != nil {
		return err
	}
	var in signIn
	if len(b) > sessionBody || json.Unmarshal(b, &in) != nil || in.Key == "" {
		return fault.Field("key", "is missing: send {\"key\": \"mk_...\"}")
	}
	key := strings.TrimSpace(in.Key)
	p, err := g.principal(c, key)
	if err != nil {
		return err
	}
	setSession(c, key, sessionLasts)
	return c.JSON(g.sessionOf(p))
}

func (g *Gateway) sessionOf(p Principal) Session {
	k, _ := g.state.key(p.KeyID)
	return Session{Role: p.Role.String(), Biz: p.Biz, Key: p.KeyID, Name: k.Name}
}

// setSession keeps a key in the browser, or with a lifetime below zero forgets it.
func setSession(c *fiber.Ctx, key string, lasts time.Duration) {
	c.Cookie(&fiber.Cookie{
		Name: sessionCookie, Value: key, Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode,
		MaxAge: int(lasts / time.Second), Secure: c.Secure() || c.Get(fiber.HeaderXForwardedProto) == "https",
	})
}

// fromOurPage refuses what a page of another site may have sent with our cookie.
func fromOurPage(c *fiber.Ctx) error {
	if site := c.Get("Sec-Fetch-Site"); c.Get(sessionHeader) == "" || site != "" && site != "same-origin" && site != "none" {
		return fault.New(fault.Forbidden, "a browser's session changes something only from the console's own pages: send the header %s", sessionHeader)
	}
	return nil
}

// sentKey is the key that a request brings: in its header, or in the cookie of a browser that signed in.
func sentKey(c *fiber.Ctx) (string, error) {
	if header := c.Get(fiber.HeaderAuthorization); header != "" {
		scheme, key, _ := strings.Cut(header, " ")
		if key == "" || !strings.EqualFold(scheme, "Bearer") {
			return "", errNoKey()
		}
		return strings.TrimSpace(key), nil
	}
	key := c.Cookies(sessionCookie)
	if key == "" {
		return "", errNoKey()
	}
	if m := c.Method(); m != http.MethodGet && m != http.MethodHead {
		return key, fromOurPage(c)
	}
	return key, nil
}

func errNoKey() error {
	return fault.New(fault.Unauthorized, "send a key: Authorization: Bearer <key>")
}
