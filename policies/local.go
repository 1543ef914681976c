package policies

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"path"
	"strings"
	"time"

	"muster/commands"
	"muster/events"
	"muster/internal/durable"
	"muster/internal/fault"
)

// IngestRequest is a local file to be read into an upload.
type IngestRequest struct {
	Biz         string
	Group       uint64
	CommandID   string // of the command that will complete the upload
	Identity    string // user_id or phone: what its rows name users by
	Path        string // as the operator wrote it; the source decides whether it is allowed
	Column      string // "" is the default
	Actor       string
	Correlation string
}

// LocalSource reads local files. Ingest appends an upload with the source "local"
// and describes it; what another process wrote for the command stays. The faults invalid,
// not_found, forbidden, too_large and not_supported are final; fault.Conflict says
// that another process writes the upload; any other error is worth another try.
type LocalSource interface {
	Ingest(ctx context.Context, req IngestRequest) (commands.UploadSummary, error)
}

// Local reads the files of groups: whenever group.created (file, local) or
// group.rebuild_requested, then group.change_members, or group.fail.
type Local struct {
	Options
	source LocalSource
}

// NewLocal makes the policy; Run starts it.
func NewLocal(opt Options, source LocalSource) *Local { return &Local{Options: opt, source: source} }

// Run works until ctx ends.
func (p *Local) Run(ctx context.Context) error {
	return p.on(ctx, LocalName, p.read, events.TypeGroupCreated, events.TypeGroupRebuildRequested)
}

func (p *Local) read(ctx context.Context, cause events.Event, tries uint64) error {
	group, err := p.group(ctx, &cause)
	if err != nil {
		return err
	}
	if group.Kind != "file" || group.Subkind != "local" {
		return nil
	}
	// Success or failure, there is one command: whichever run stores it first decides.
	id := commands.DerivedID("f", cause.ID, LocalName)
	if over, err := p.over(ctx, &cause, id); over || err != nil {
		return err
	}
	var content commands.LocalContent
	if err := json.Unmarshal(group.Content, &content); err != nil {
		return fault.Wrap(fault.Internal, err, "read the group's content")
	}
	summary, err := p.source.Ingest(ctx, IngestRequest{
		Biz: cause.Subject.Biz, Group: group.ID, CommandID: id, Identity: group.Identity,
		Path: content.Path, Column: content.Column, Actor: LocalName, Correlation: storyOf(&cause),
	})
	if err == nil {
		err = summary.CanReplace()
	}
	if err == nil {
		return p.command(ctx, LocalName, id, &cause, commands.ChangeMembersType, commands.ChangeMembers{
			Group: group.ID, Op: events.OpReplace, Upload: summary,
		})
	}
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.NotFound, fault.Forbidden, fault.TooLarge, fault.Unsupported:
		return p.command(ctx, LocalName, id, &cause, commands.FailGroupType, commands.FailGroup{
			Group: group.ID, Reason: reasonOf(err, content.Path),
		})
	default:
		delay := longPause(tries)
		p.Log.Warn("the file of a group could not be read, tried again later", "group", cause.Subject.String(), "error", err, "in", delay)
		return &durable.LaterError{Delay: delay, Err: err}
	}
}

// over says, without a look at the file, that there is nothing left to do: the command
// is stored, or the group has an answer already, or takes none any more.
func (p *Local) over(ctx context.Context, cause *events.Event, id string) (bool, error) {
	_, over, err := p.find(ctx, cause.Subject, cause.Seq, func(e events.Event) bool {
		switch e.Type {
		case events.TypeGroupMembersChanged, events.TypeGroupResolveRequested, events.TypeGroupFailed, events.TypeGroupArchived:
			return true
		}
		return false
	})
	if over || err != nil {
		return over, err
	}
	over, _, err = p.asked(ctx, cause.Subject.Biz, id)
	return over, err
}

const (
	firstPause = time.Second
	maxPause   = time.Hour
)

// longPause doubles with each try: each may read a large file from its beginning, and
// leave its rows in a log that keeps everything.
func longPause(tries uint64) time.Duration {
	d := maxPause
	if n := max(tries, 1) - 1; n < 12 {
		d = min(maxPause, firstPause<<n)
	}
	return d/2 + rand.N(d/2)
}

// group finds out how the group was made.
func (p *Local) group(ctx context.Context, cause *events.Event) (*events.GroupCreated, error) {
	e := *cause
	if e.Type != events.TypeGroupCreated {
		var err error
		e, err = p.first(ctx, cause.Subject, 0, func(e events.Event) bool { return e.Type == events.TypeGroupCreated })
		if err != nil {
			return nil, err
		}
	}
	payload, err := p.Catalog.Decode(e)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "read the group")
	}
	return payload.(*events.GroupCreated), nil
}

// reasonOf is what people may read of an error: its message without its cause, and
// of the path the last part only.
func reasonOf(err error, file string) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return "the file could not be read"
	}
	shown := *f
	shown.Err = nil
	reason := shown.Error()
	if base := path.Base(file); base != file {
		reason = strings.ReplaceAll(reason, file, base)
	}
	return commands.CleanReason(reason)
}
