package main

import (
	"context"
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
	key, err := p.adminKey(ctx, store)
	if err != nil {
		return fmt.Errorf("admin key: %w", err)
	}
	return p.awaitDoor(ctx, key)
}

// adminKey reads or makes <data>/admin.key. The file comes first: a key that is
// registered and nowhere written down would be of no use to anyone.
func (p *process) adminKey(ctx context.Context, store *events.Store) (string, error) {
	file := filepath.Join(p.cfg.Data, "admin.key")
	b, err := os.ReadFile(file)
	key := strings.TrimSpace(string(b))
	switch {
	case errors.Is(err, os.ErrNotExist):
		if _, key = gateway.NewKey("admin of muster up", "*", "admin"); key == "" {
			return "", errors.New("no key was made")
		}
		if err := writeAtomically(file, []byte(key+"\n"), 0o600); err != nil {
			return "", err
		}
	case err != nil:
		return "", err
	}
	register, err := gateway.ParseKey(key, "admin of muster up", "*", "admin")
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	_, err = store.Last(ctx, events.EventSubject(events.SystemScope, "key", register.ID))
	if fault.Is(err, fault.NotFound) {
		_, _, err = commands.Send(ctx, p.js, commands.Request{Biz: events.SystemScope, Type: commands.CreateKeyType, Actor: "up", Payload: register})
	}
	return key, err
}

// awaitDoor returns once the door takes the key, so that whoever reads "ready" can go in,
// and the product line can be read.
func (p *process) awaitDoor(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.http.Addr().String()+"/v1/"+firstBiz+"/groups", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+key)
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				http.DefaultClient.CloseIdleConnections()
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the gateway does not let the admin key in: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// localZone is the machine's time zone if it has a name, else UTC.
func localZone() string {
	if tz := os.Getenv("TZ"); tz != "" {
		if _, err := time.LoadLocation(tz); err == nil {
			return tz
		}
	}
	return "UTC"
}
