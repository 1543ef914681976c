package policies

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

// PhoneResolver finds the users with some phones: those of the read model when it
// holds at least the event minSeq, and an error while it stands still before it: who is
// unmatched stays so. Phones that nobody has are not in the answer. It is asked for one
// chunk at a time.
type PhoneResolver interface {
	Resolve(ctx context.Context, biz string, phones []uint64, minSeq uint64) (map[uint64][]uint64, error)
}

// Resolve turns uploads of phones into uploads of user ids: whenever
// group.resolve_requested, then group.change_members.
type Resolve struct {
	Options
	resolver PhoneResolver
}

// NewResolve makes the policy; Run starts it.
func NewResolve(opt Options, resolver PhoneResolver) *Resolve {
	return &Resolve{Options: opt, resolver: resolver}
}

// Run works until ctx ends.
func (p *Resolve) Run(ctx context.Context) error {
	return p.on(ctx, ResolveName, func(ctx context.Context, cause events.Event, _ uint64) error {
		return p.resolve(ctx, cause)
	}, events.TypeGroupResolveRequested)
}

func (p *Resolve) resolve(ctx context.Context, cause events.Event) error {
	payload, err := p.Catalog.Decode(cause)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "read what to resolve")
	}
	req := payload.(*events.GroupResolveRequested)
	group, err := strconv.ParseUint(cause.Subject.ID, 10, 64)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "read the group's id")
	}
	id := commands.DerivedID("r", cause.ID, ResolveName)
	done, attempt, err := p.asked(ctx, cause.Subject.Biz, id)
	if done || err != nil {
		return err
	}
	w := p.openResolved(&cause, id, attempt, group)
	_, err = p.Store.Each(ctx, uploadSubject(cause.Subject.Biz, req.UploadID), 0, func(e events.Event) error {
		return p.chunk(ctx, w, e)
	})
	if err == nil {
		err = w.flush(ctx)
	}
	if err != nil { // of two that begin at the same moment one gets a conflict, and tries again later
		w.abandon(ctx)
		return err
	}
	return p.command(ctx, ResolveName, id, &cause, commands.ChangeMembersType, commands.ChangeMembers{
		Group: group, Op: req.Op, PhonesUploadID: req.UploadID, Unmatched: w.unmatched,
		Upload: commands.UploadSummary{UploadID: w.subject.ID, Rows: w.users, Accepted: w.users, Chunks: w.part, Hash: w.version.Hash},
	})
}

// chunk resolves one event of the upload of phones.
func (p *Resolve) chunk(ctx context.Context, w *resolved, e events.Event) error {
	switch e.Type {
	case events.TypeUploadStarted: // what came before it does not count
		return w.begin(ctx)
	case events.TypeUploadPhones:
	default:
		return nil
	}
	var phones []uint64
	if err := p.Codec.DecodePhones(e.Data, func(phone uint64) error { phones = append(phones, phone); return nil }); err != nil {
		return fault.Wrap(fault.Internal, err, "read a chunk of phones")
	}
	slices.Sort(phones)
	phones = slices.Compact(phones)
	found, err := p.resolver.Resolve(ctx, e.Subject.Biz, phones, w.cause.Seq)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "resolve phones")
	}
	users := roaring64.New()
	var unmatched []uint64
	for _, phone := range phones {
		if len(found[phone]) == 0 {
			unmatched = append(unmatched, phone)
		}
		users.AddMany(found[phone])
	}
	if err := w.addUsers(ctx, users); err != nil || len(unmatched) == 0 {
		return err
	}
	data, err := p.Codec.EncodePhones(unmatched)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "write a chunk of unmatched phones")
	}
	w.unmatched += uint64(len(unmatched))
	return w.add(ctx, events.TypeUploadUnmatched, events.EncodingCSVZstd, uint64(len(unmatched)), data)
}

const (
	chunkBytes  = 256 << 10 // of one event's payload
	batchBytes  = 4 << 20   // of one append
	batchEvents = 256
)

// resolved is the upload of user ids while it is written.
type resolved struct {
	p       *Resolve
	cause   *events.Event
	command string
	subject events.Subject
	group   uint64
	version events.Version
	begun   bool // something was appended

	part, users, unmatched uint64
	pending                []events.Event
	size                   int
}

// openResolved is an upload that nobody else writes.
func (p *Resolve) openResolved(cause *events.Event, command string, a commands.Attempt, group uint64) *resolved {
	return &resolved{p: p, cause: cause, command: command, subject: uploadSubject(cause.Subject.Biz, a.UploadID), version: a.At, group: group}
}

// abandon closes an upload that no command will name, so that the next attempt can take
// its place.
func (w *resolved) abandon(ctx context.Context) {
	if !w.begun {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	w.pending, w.size = nil, 0
	e, err := w.p.Catalog.Encode(events.UploadAbandoned{Reason: "the phones could not be resolved; it is tried again"})
	if err == nil {
		err = errors.Join(w.put(ctx, e), w.flush(ctx))
	}
	if err != nil {
		w.p.Log.Warn("an abandoned upload could not be closed", "upload", w.subject.String(), "error", err)
	}
}

// begin starts the upload anew.
func (w *resolved) begin(ctx context.Context) error {
	w.part, w.users, w.unmatched = 0, 0, 0
	e, err := w.p.Catalog.Encode(events.UploadStarted{
		Target: events.TargetGroup, GroupID: w.group, Content: events.TypeUploadIDs, Source: "resolve",
	})
	if err != nil {
		return err
	}
	return w.put(ctx, e)
}

// addUsers adds chunks small enough for one event each.
func (w *resolved) addUsers(ctx context.Context, users *roaring64.Bitmap) error {
	n := users.GetCardinality()
	if n == 0 {
		return nil
	}
	users.RunOptimize()
	if users.GetSerializedSizeInBytes() > chunkBytes && n > 1 {
		low, high := halves(users)
		if err := w.addUsers(ctx, low); err != nil {
			return err
		}
		return w.addUsers(ctx, high)
	}
	data, err := users.ToBytes()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "write a chunk of users")
	}
	w.users += n
	return w.add(ctx, events.TypeUploadIDs, events.EncodingRoaring64, n, data)
}

func halves(users *roaring64.Bitmap) (low, high *roaring64.Bitmap) {
	all := users.ToArray()
	half := len(all) / 2
	return roaring64.BitmapOf(all[:half]...), roaring64.BitmapOf(all[half:]...)
}

func (w *resolved) add(ctx context.Context, t events.Type, encoding string, count uint64, data []byte) error {
	w.part++
	return w.put(ctx, events.Event{Type: t, Version: 1, Encoding: encoding, Count: count, Part: w.part, Data: data})
}

func (w *resolved) put(ctx context.Context, e events.Event) error {
	e.Actor, e.CommandID, e.Correlation, e.Trace = ResolveName, w.command, storyOf(w.cause), w.cause.Trace
	w.pending = append(w.pending, e)
	w.size += len(e.Data)
	if w.size < batchBytes && len(w.pending) < batchEvents {
		return nil
	}
	return w.flush(ctx)
}

func (w *resolved) flush(ctx context.Context) error {
	if len(w.pending) == 0 {
		return nil
	}
	v, err := w.p.Store.Append(ctx, []events.Append{{Subject: w.subject, Expected: w.version, Events: w.pending}})
	if err != nil {
		return err
	}
	w.version, w.begun, w.pending, w.size = v[0], true, nil, 0
	return nil
}
