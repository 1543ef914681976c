package gateway

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

const tagOperations = "Operations"

func (g *Gateway) registerCommands() {
	type inCommand struct {
		ID string `path:"id" doc:"The command's id"`
	}
	handle(g, at(Viewer, http.MethodGet, "/v1/commands/{id}", "get-command", tagOperations, "What became of a command"), func(ctx context.Context, in *inCommand) (*found[Command], error) {
		c, err := g.commandOf(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if p := principalOf(ctx); !p.covers(c.Biz) {
			return nil, noCommand()
		}
		return &found[Command]{c}, nil
	})
	type inUpload struct {
		InBiz
		Reading
		ID string `path:"id" doc:"The upload: the id of its command"`
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/uploads/{id}", "get-upload", "Imports", "What an upload held, with its rejected rows"),
		func(in *inUpload) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *inUpload) (*found[Upload], error) {
			u, err := g.opt.Queries.Upload(ctx, in.Biz, in.ID)
			return &found[Upload]{u}, err
		})
}

func noCommand() error { return fault.New(fault.NotFound, "there is no such command") }

// commandOf finds a command in the read model or, while it is under way or the read
// model is away, where commands are stored.
func (g *Gateway) commandOf(ctx context.Context, id string) (Command, error) {
	c, err := asked(ctx, g, func(ctx context.Context) (Command, error) { return g.opt.Queries.Command(ctx, id) })
	if err == nil || !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Unavailable) {
		return c, err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	stored, serr := events.GetCommand(ctx, g.opt.JS, id)
	if fault.Is(serr, fault.NotFound) {
		if fault.Is(err, fault.Unavailable) {
			return c, err
		}
		return c, noCommand()
	}
	if serr != nil {
		return c, serr
	}
	return Command{ID: stored.ID, Biz: stored.Biz, Type: stored.Type, Actor: stored.Actor, Status: "accepted", At: stored.Time}, nil
}

func (g *Gateway) registerProjections() {
	g.registerLogStreams()
	g.registerTotals()
	handle(g, at(Viewer, http.MethodGet, "/v1/projections", "list-projections", tagOperations, "How far each projection is"), func(ctx context.Context, _ *struct{}) (*listed[Projection], error) {
		all, err := asked(ctx, g, g.opt.Queries.Projections)
		return &listed[Projection]{pageOf(all, len(all), nil)}, err
	})
	type input struct {
		Name string `path:"name" doc:"The projection, or all"`
	}
	type rebuildStarted struct {
		Status int
		Body   struct {
			Projection string `json:"projection"`
			RebuildID  string `json:"rebuild_id"`
			StatusURL  string `json:"status_url"`
		}
	}
	r := at(Admin, http.MethodPost, "/v1/projections/{name}:rebuild", "rebuild-projection", tagOperations, "Rebuild a projection beside the live one, compare, exchange").forAll()
	r.op.DefaultStatus = http.StatusAccepted
	handle(g, r, func(ctx context.Context, in *input) (*rebuildStarted, error) {
		if g.opt.Rebuilds == nil {
			return nil, fault.New(fault.Unsupported, "this process rebuilds nothing: ask one that runs projections, or use muster rebuild")
		}
		one, err := g.opt.Rebuilds.Rebuild(ctx, in.Name)
		if err != nil {
			return nil, err
		}
		out := &rebuildStarted{Status: http.StatusAccepted}
		out.Body.Projection, out.Body.RebuildID, out.Body.StatusURL = in.Name, one.ID, "/v1/projections/rebuilds/"+one.ID
		return out, nil
	})
	type inRebuild struct {
		ID string `path:"id" doc:"The rebuild's id"`
	}
	handle(g, at(Viewer, http.MethodGet, "/v1/projections/rebuilds/{id}", "get-rebuild", tagOperations, "What became of a rebuild"), func(_ context.Context, in *inRebuild) (*found[Rebuild], error) {
		if g.opt.Rebuilds == nil {
			return nil, fault.New(fault.Unsupported, "this process rebuilds nothing")
		}
		one, err := g.opt.Rebuilds.Find(in.ID)
		return &found[Rebuild]{one}, err
	})
}

func (g *Gateway) registerSettings() {
	handle(g, at(Viewer, http.MethodGet, "/v1/settings", "get-settings", tagOperations, "Read the runtime settings"), func(context.Context, *struct{}) (*found[events.Settings], error) {
		return &found[events.Settings]{g.state.current()}, nil
	})
	type settingsChange struct {
		Changing
		Body commands.ChangeSettings
	}
	command[settingsChange, events.Settings](g, at(Admin, http.MethodPatch, "/v1/settings", "change-settings", tagOperations, "Change runtime settings; every process follows").forAll(), func(_ context.Context, in *settingsChange) (change, error) {
		return change{
			biz: events.SystemScope, typ: commands.ChangeSettingsType, payload: in.Body, params: in.Changing, known: true,
			result: func(context.Context, settled) (any, error) { return g.state.current(), nil },
		}, nil
	})
}

// Key is an API key as it is listed. Secret is there once, when it was made.
type Key struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Biz       string    `json:"biz" doc:"One product line, or * for all"`
	Role      string    `json:"role" enum:"viewer,operator,admin"`
	Revoked   bool      `json:"revoked"`
	CreatedAt time.Time `json:"created_at"`
	Secret    string    `json:"key,omitempty" doc:"The key itself: shown once, when it is made"`
	CommandID string    `json:"command_id,omitempty"`
}

func keyOf(k keyState) Key {
	return Key{ID: k.ID, Name: k.Name, Biz: k.Biz, Role: k.Role, Revoked: k.Revoked, CreatedAt: k.CreatedAt}
}

func (g *Gateway) registerKeys() {
	const tag = "Keys"
	handle(g, at(Admin, http.MethodGet, "/v1/keys", "list-keys", tag, "List keys"), func(ctx context.Context, _ *struct{}) (*listed[Key], error) {
		out := []Key{}
		for _, k := range g.state.allKeys() {
			if p := principalOf(ctx); p.covers(k.Biz) {
				out = append(out, keyOf(k))
			}
		}
		slices.SortFunc(out, func(a, b Key) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
		})
		return &listed[Key]{pageOf(out, len(out), nil)}, nil
	})
	g.registerKeyChanges(tag)
}

func (g *Gateway) registerKeyChanges(tag string) {
	type newKey struct {
		Changing
		Body struct {
			Name string `json:"name" maxLength:"200"`
			Biz  string `json:"biz" doc:"One product line, or * for all"`
			Role string `json:"role" enum:"viewer,operator,admin"`
		}
	}
	type madeKey struct {
		Status int
		Body   Key
	}
	r := at(Admin, http.MethodPost, "/v1/keys", "create-key", tag, "Make a key").about("The answer holds the key, once: it waits for the command, without ?wait=, too.")
	handle(g, r, func(ctx context.Context, in *newKey) (*madeKey, error) {
		p := principalOf(ctx)
		if !p.covers(in.Body.Biz) {
			return nil, fault.New(fault.Forbidden, "this key may make keys for its own product line only")
		}
		payload, secret := NewKey(in.Body.Name, in.Body.Biz, in.Body.Role)
		hash, err := hashOf(commands.CreateKeyType, in.Body)
		if err != nil {
			return nil, err
		}
		if in.Wait == "" {
			in.Wait = "10s"
		}
		res, err := g.send(ctx, change{
			biz: events.SystemScope, typ: commands.CreateKeyType, payload: payload, params: in.Changing, hash: hash, known: true,
			result: func(_ context.Context, s settled) (any, error) { return g.madeKey(s, payload.ID, secret) },
		})
		if err != nil {
			return nil, err
		}
		k, ok := res.Body.(Key)
		if !ok {
			return nil, fault.New(fault.Timeout, "the key was not made in time; list the keys, and make another if it is not there")
		}
		return &madeKey{Status: http.StatusOK, Body: k}, nil
	})
	type revoke struct {
		Changing
		ID     string `path:"id"`
		Reason string `query:"reason" maxLength:"500"`
	}
	command[revoke, Key](g, at(Admin, http.MethodDelete, "/v1/keys/{id}", "revoke-key", tag, "Revoke a key"), func(ctx context.Context, in *revoke) (change, error) {
		k, ok := g.state.anyKey(in.ID)
		if p := principalOf(ctx); !ok || !p.covers(k.Biz) {
			return change{}, &fault.Error{Code: fault.NotFound, Field: "id", Msg: "there is no such key"}
		}
		return change{
			biz: events.SystemScope, typ: commands.RevokeKeyType, payload: commands.RevokeKey{ID: strings.Clone(in.ID), Reason: in.Reason}, params: in.Changing, known: true,
			result: func(context.Context, settled) (any, error) {
				k, _ := g.state.anyKey(in.ID)
				return keyOf(k), nil
			},
		}, nil
	})
}

// madeKey is the new key. A repeated request finds the key of the first one, whose
// secret nobody has kept.
func (g *Gateway) madeKey(s settled, id, secret string) (any, error) {
	if k, ok := g.state.anyKey(id); ok {
		out := keyOf(k)
		out.Secret, out.CommandID = secret, s.command.ID
		return out, nil
	}
	return nil, fault.New(fault.Conflict, "this key was made before, and is shown only once; make another")
}
