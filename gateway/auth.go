package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/gofiber/fiber/v2"

	"muster/commands"
	"muster/internal/fault"
)

// Role is what a key may do; each includes those before it.
type Role int

// The roles.
const (
	Nobody   Role = iota // no key needed
	Viewer               // reads
	Operator             // and changes groups, imports, campaigns
	Admin                // and changes product lines, keys and settings
)

func roleOf(s string) Role {
	switch s {
	case "viewer":
		return Viewer
	case "operator":
		return Operator
	case "admin":
		return Admin
	}
	return Nobody
}

// allBiz is the scope of a key for every product line.
const allBiz = "*"

// Principal is who is asking.
type Principal struct {
	KeyID string
	Biz   string // one product line, or "*"
	Role  Role
}

// covers says whether a product line is in the key's scope.
func (p Principal) covers(biz string) bool { return p.Biz == allBiz || p.Biz == biz }

type principalKey struct{}

func principalOf(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

const keyPrefix = "mk_"

// NewKey makes a random key: the command that registers it, and the key itself,
// which is shown once and stored nowhere.
func NewKey(name, biz, role string) (commands.CreateKey, string) {
	var b [40]byte
	_, _ = rand.Read(b[:]) // never fails
	id, secret := hex.EncodeToString(b[:8]), base64.RawURLEncoding.EncodeToString(b[8:])
	return commands.CreateKey{ID: id, Name: name, Biz: biz, Role: role, Hash: hashSecret(secret)}, keyPrefix + id + "_" + secret
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// splitKey takes "mk_<id>_<secret>" apart. The id holds no underscore, the secret may.
func splitKey(key string) (id, secret string, ok bool) {
	rest, ok := strings.CutPrefix(key, keyPrefix)
	if !ok || len(key) > 256 {
		return "", "", false
	}
	id, secret, ok = strings.Cut(rest, "_")
	return id, secret, ok && id != "" && secret != ""
}

// authenticate finds out who sends a request. Every way to fail looks the same. Only wrong
// keys are slowed down: behind a proxy all clients have one address, and one that guesses
// must not shut out the others.
func (g *Gateway) authenticate(c *fiber.Ctx) (Principal, error) {
	key, err := sentKey(c)
	if err != nil {
		return Principal{}, err
	}
	return g.principal(c, key)
}

// principal is whose key it is.
func (g *Gateway) principal(c *fiber.Ctx, key string) (Principal, error) {
	if g.state.isBlind() {
		return Principal{}, fault.New(fault.Unavailable, "keys cannot be checked: the log is damaged where they are kept; the server's log has the details")
	}
	id, secret, ok := splitKey(key)
	known, found := g.state.key(id)
	// Unknown ids take as long as wrong secrets.
	same := subtle.ConstantTimeCompare([]byte(hashSecret(secret)), []byte(known.Hash)) == 1
	if ok && found && same {
		return Principal{KeyID: id, Biz: known.Biz, Role: roleOf(known.Role)}, nil
	}
	if g.strikes.over(c.Context().RemoteIP().String()) {
		return Principal{}, waitError{fault.New(fault.RateLimited, "too many wrong keys from this address; wait a minute"), strikeWindow}
	}
	return Principal{}, fault.New(fault.Unauthorized, "the key is not valid")
}

// authorize checks who sends a request against what it is for, and puts the
// principal into the request's context, which from here on ends with the connection:
// what goes on behind the answer's head, a stream, has nobody to go on for.
func (g *Gateway) authorize(c *fiber.Ctx, r route) error {
	if r.role == Nobody {
		return nil
	}
	p, err := g.authenticate(c)
	if err != nil {
		return err
	}
	biz := c.Params("biz")
	switch {
	case biz != "" && !p.covers(biz):
		return fault.New(fault.Forbidden, "this key is not for this product line")
	case r.global && p.Biz != allBiz:
		return fault.New(fault.Forbidden, "this needs a key for all product lines")
	case p.Role < r.role:
		return fault.New(fault.Forbidden, "this needs the role %s", r.role)
	}
	ctx := c.UserContext()
	if own, ok := c.Context().Conn().(*conn); ok {
		ctx = own.life
	}
	c.SetUserContext(context.WithValue(ctx, principalKey{}, p))
	return nil
}

// String is the role's name.
func (r Role) String() string {
	return [...]string{"nobody", "viewer", "operator", "admin"}[r]
}

// ParseKey is NewKey for a key that exists already: the command that registers it.
func ParseKey(key, name, biz, role string) (commands.CreateKey, error) {
	id, secret, ok := splitKey(key)
	if !ok {
		return commands.CreateKey{}, fault.New(fault.Invalid, "it is no key: expected %s<id>_<secret>", keyPrefix)
	}
	return commands.CreateKey{ID: id, Name: name, Biz: biz, Role: role, Hash: hashSecret(secret)}, nil
}
