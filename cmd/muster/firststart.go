package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"muster/commands"
	"muster/events"
	"muster/gateway"
	"muster/internal/fault"
)

// firstBiz is the product line that `muster up` makes.
const firstBiz = "demo"

// firstStart makes what a new data directory lacks: the product line demo and an admin
// key. It may die anywhere and be run again.
func (p *process) firstStart(ctx context.Context) error {
	store := events.NewStore(p.js, events.StoreOptions{})
	if _, err := store.Last(ctx, events.EventSubject(firstBiz, "biz", firstBiz)); fault.Is(err, fault.NotFound) {
		if _, _, err := commands.Send(ctx, p.js, commands.Request{Biz: firstBiz, Type: commands.DefineBizType, Actor: "up",
			Payload: commands.DefineBiz{Name: "Demo", Timezone: localZone()}}); err != nil {
			return fmt.Errorf("make the product line %s: %w", firstBiz, err)
		}
	} else if err != nil {
		return err
	}
	for {
		key, err := p.adminKey(ctx, store)
		if err != nil {
			return fmt.Errorf("admin key: %w", err)
		}
		// The log may hold the command to revoke it, and not yet that it was.
		if err := p.awaitDoor(ctx, store, key); !errors.Is(err, errRevoked) {
			return err
		}
	}
}

// adminName is the name of the key that `muster up` makes.
const adminName = "admin of muster up"

var errRevoked = errors.New("the admin key is revoked")

// adminKey reads or makes <data>/admin.key, and makes it anew when the one that is there
// was revoked: whoever owns the data directory owns the server. The file comes first: a key that is
// registered and nowhere written down would be of no use to anyone.
func (p *process) adminKey(ctx context.Context, store *events.Store) (string, error) {
	file := p.adminKeyFile()
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return p.newAdminKey(ctx)
	}
	if err != nil {
		return "", err
	}
	key := strings.TrimSpace(string(b))
	register, err := gateway.ParseKey(key, adminName, "*", "admin")
	if err != nil { // empty, or full of zeros, after a power cut for instance: nobody can know what it was
		p.log.Warn("the file of the admin key is damaged: a new key is made. Whoever wrote the old one down can still use it: see `muster keys list` and `muster keys revoke`", "file", file)
		return p.newAdminKey(ctx)
	}
	made, revoked, err := loadKey(ctx, store, register.ID)
	switch {
	case err != nil:
		return "", err
	case made == nil:
		return key, p.command(ctx, commands.CreateKeyType, register)
	case made.Hash != register.Hash && made.Name == adminName:
		p.log.Warn("the file of the admin key is damaged: a new key is made, the old one is revoked", "file", file, "key_id", made.ID)
		if key, err = p.newAdminKey(ctx); err != nil || revoked {
			return key, err
		}
		return key, p.command(ctx, commands.RevokeKeyType, commands.RevokeKey{ID: made.ID, Reason: "its file was damaged"})
	case made.Hash != register.Hash:
		return "", fmt.Errorf("%s holds a key that is not valid: put a valid one there, or remove the file and a new one is made", file)
	case revoked:
		p.log.Warn("the admin key was revoked; a new one is made in its place", "file", file, "key_id", made.ID)
		return p.newAdminKey(ctx)
	}
	return key, nil
}

func (p *process) adminKeyFile() string { return filepath.Join(p.cfg.Data, "admin.key") }

func (p *process) newAdminKey(ctx context.Context) (string, error) {
	register, key := gateway.NewKey(adminName, "*", "admin")
	if err := writeAtomically(p.adminKeyFile(), []byte(key+"\n"), 0o600); err != nil {
		return "", err
	}
	return key, p.command(ctx, commands.CreateKeyType, register)
}

func (p *process) command(ctx context.Context, typ string, payload any) error {
	_, _, err := commands.Send(ctx, p.js, commands.Request{Biz: events.SystemScope, Type: typ, Actor: "up", Payload: payload})
	return err
}

// loadKey folds what the log knows of a key; nil when nothing.
func loadKey(ctx context.Context, store *events.Store, id string) (made *events.KeyCreated, revoked bool, err error) {
	_, err = store.Each(ctx, events.EventSubject(events.SystemScope, "key", id), 0, func(e events.Event) error {
		switch e.Type {
		case events.TypeKeyCreated:
			made = &events.KeyCreated{}
			return json.Unmarshal(e.Data, made)
		case events.TypeKeyRevoked:
			revoked = true
		}
		return nil
	})
	return made, revoked, err
}

// awaitDoor returns once the door takes the key, so that whoever reads "ready" can go in,
// and the product line can be read; errRevoked once the log says that it never will.
func (p *process) awaitDoor(ctx context.Context, store *events.Store, key string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	defer http.DefaultClient.CloseIdleConnections()
	own, err := gateway.ParseKey(key, adminName, "*", "admin")
	if err != nil {
		return err
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		switch p.knock(ctx, key) {
		case http.StatusOK:
			return nil
		case http.StatusForbidden:
			return fmt.Errorf("%s holds a key for another product line: put an admin's for all there, or remove the file and a new one is made", p.adminKeyFile())
		case http.StatusUnauthorized, http.StatusTooManyRequests:
			if _, revoked, err := loadKey(ctx, store, own.ID); err == nil && revoked {
				return errRevoked
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the gateway does not let the admin key in: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// knock asks for the first product line's groups and returns the status; 0 when there is no answer.
func (p *process) knock(ctx context.Context, key string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.http.Addr().String()+"/v1/"+firstBiz+"/groups", nil)
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

// localZone is the machine's time zone if it has a name, else UTC.
func localZone() string {
	if tz := os.Getenv("TZ"); commands.IsTimezone(tz) {
		return tz
	}
	return "UTC"
}
