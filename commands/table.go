package commands

import (
	"context"
	"reflect"
	"strconv"

	"muster/events"
	"muster/internal/fault"
)

// The kinds of aggregates that commands address: the third token of a subject.
const (
	aggBiz      = "biz"
	aggGroup    = "group"
	aggUpload   = "upload"
	aggTag      = "tag"
	aggTemplate = "template"
	aggCampaign = "campaign"
	aggAudience = "audience"
	aggKey      = "key"
	aggSettings = "settings"

	settingsID = "global"
)

// spec is one row of the table: all there is to know about one type of command.
type spec struct {
	typ, family string
	system      bool // lives in the system scope instead of a product line
	payload     func() any
	subject     func(c *events.StoredCommand, payload any) events.Subject // of the aggregate it addresses
	decide      func(w *work, ctx context.Context, payload any) ([]any, error)
}

// table lists every command: its type, its family, the aggregate it addresses, and
// who decides. The payload is the parameter of the decider.
func table() []spec {
	return []spec{
		command(DefineBizType, FamilyAdmin, bizOf, (*work).defineBiz),
		command(CreateGroupType, FamilyGroup, newGroup, (*work).createGroup),
		command(ChangeMembersType, FamilyGroup, func(c *events.StoredCommand, p *ChangeMembers) events.Subject { return groupSubject(c.Biz, p.Group) }, (*work).changeMembers),
		command(RebuildGroupType, FamilyGroup, func(c *events.StoredCommand, p *RebuildGroup) events.Subject { return groupSubject(c.Biz, p.Group) }, (*work).rebuildGroup),
		command(FailGroupType, FamilyGroup, func(c *events.StoredCommand, p *FailGroup) events.Subject { return groupSubject(c.Biz, p.Group) }, (*work).failGroup),
		command(ArchiveGroupType, FamilyGroup, func(c *events.StoredCommand, p *ArchiveGroup) events.Subject { return groupSubject(c.Biz, p.Group) }, (*work).archiveGroup),
		command(CompleteImportType, FamilySync, ownUpload, (*work).completeImport),
		command(NameTagType, FamilyAdmin, func(c *events.StoredCommand, p *NameTag) events.Subject {
			return events.EventSubject(c.Biz, aggTag, strconv.FormatUint(uint64(p.ID), 10))
		}, (*work).nameTag),
		command(DefineTemplateType, FamilyCampaign, func(c *events.StoredCommand, p *DefineTemplate) events.Subject {
			return events.EventSubject(c.Biz, aggTemplate, p.ID)
		}, (*work).defineTemplate),
		command(CreateCampaignType, FamilyCampaign, newCampaign, (*work).createCampaign),
		command(LaunchCampaignType, FamilyCampaign, campaignOf, (*work).launchCampaign),
		command(PauseCampaignType, FamilyCampaign, campaignOf, (*work).pauseCampaign),
		command(ResumeCampaignType, FamilyCampaign, campaignOf, (*work).resumeCampaign),
		command(CancelCampaignType, FamilyCampaign, campaignOf, (*work).cancelCampaign),
		command(RecordFreezeType, FamilyCampaign, func(c *events.StoredCommand, p *RecordFreeze) events.Subject {
			return campaignSubject(c.Biz, p.Campaign)
		}, (*work).recordFreeze),
		command(FailCampaignType, FamilyCampaign, func(c *events.StoredCommand, p *FailCampaign) events.Subject {
			return campaignSubject(c.Biz, p.Campaign)
		}, (*work).failCampaign),
		command(CompleteCampaignType, FamilyCampaign, func(c *events.StoredCommand, p *RecordCompletion) events.Subject {
			return campaignSubject(c.Biz, p.Campaign)
		}, (*work).completeCampaign),
		system(command(CreateKeyType, FamilyAdmin, func(_ *events.StoredCommand, p *CreateKey) events.Subject { return keySubject(p.ID) }, (*work).createKey)),
		system(command(RevokeKeyType, FamilyAdmin, func(_ *events.StoredCommand, p *RevokeKey) events.Subject { return keySubject(p.ID) }, (*work).revokeKey)),
		system(command(ChangeSettingsType, FamilyAdmin, func(*events.StoredCommand, *ChangeSettings) events.Subject { return settingsSubject() }, (*work).changeSettings)),
	}
}

// command makes a row; P is the payload's type.
func command[P any](typ, family string, subject func(*events.StoredCommand, *P) events.Subject,
	decide func(*work, context.Context, *P) ([]any, error),
) spec {
	return spec{
		typ: typ, family: family,
		payload: func() any { return new(P) },
		subject: func(c *events.StoredCommand, p any) events.Subject { return subject(c, p.(*P)) },
		decide:  func(w *work, ctx context.Context, p any) ([]any, error) { return decide(w, ctx, p.(*P)) },
	}
}

func system(s spec) spec {
	s.system = true
	return s
}

// lookup finds a type's row.
func lookup(typ string) (spec, bool) {
	for _, s := range table() {
		if s.typ == typ {
			return s, true
		}
	}
	return spec{}, false
}

// scope refuses a biz token that commands of this type do not live in.
func (s *spec) scope(biz string) error {
	if s.system != (biz == events.SystemScope) {
		return fault.Field("biz", "%s does not belong to %q", s.typ, biz)
	}
	return nil
}

// decode reads a payload strictly: no unknown field, nothing behind it.
func (s *spec) decode(data []byte) (any, error) {
	p := s.payload()
	err := strictJSON(data, p)
	if err == nil {
		return p, nil
	}
	return nil, &fault.Error{Code: fault.Invalid, Msg: "the command's payload is not one that " + s.typ + " takes", Err: err}
}

// takes says whether v, or what it points to, is the payload of this type.
func (s *spec) takes(v any) bool {
	want, have := reflect.TypeOf(s.payload()), reflect.TypeOf(v)
	return have == want || have == want.Elem()
}

func bizOf(c *events.StoredCommand, _ *DefineBiz) events.Subject {
	return events.EventSubject(c.Biz, aggBiz, c.Biz)
}

// newGroup: a new group's id is the sequence of the command that creates it.
func newGroup(c *events.StoredCommand, _ *CreateGroup) events.Subject {
	return groupSubject(c.Biz, c.Seq)
}

func newCampaign(c *events.StoredCommand, _ *CreateCampaign) events.Subject {
	return campaignSubject(c.Biz, c.Seq)
}

// ownUpload: an upload is an attempt of the command that completes it.
func ownUpload(c *events.StoredCommand, p *CompleteImport) events.Subject {
	return events.EventSubject(c.Biz, aggUpload, attemptOf(p.Upload.UploadID, c.ID))
}

func campaignOf(c *events.StoredCommand, p *CampaignRef) events.Subject {
	return campaignSubject(c.Biz, p.Campaign)
}

func groupSubject(biz string, id uint64) events.Subject {
	return events.EventSubject(biz, aggGroup, strconv.FormatUint(id, 10))
}

func campaignSubject(biz string, id uint64) events.Subject {
	return events.EventSubject(biz, aggCampaign, strconv.FormatUint(id, 10))
}

func keySubject(id string) events.Subject {
	return events.EventSubject(events.SystemScope, aggKey, id)
}

func settingsSubject() events.Subject {
	return events.EventSubject(events.SystemScope, aggSettings, settingsID)
}

// strayOf is where a command is refused that addresses nothing that can be named.
func strayOf(c *events.StoredCommand) events.Subject {
	switch c.Family {
	case FamilyGroup:
		return groupSubject(c.Biz, c.Seq)
	case FamilyCampaign, FamilySend:
		return campaignSubject(c.Biz, c.Seq)
	case FamilySync:
		return events.EventSubject(c.Biz, aggUpload, c.ID)
	default:
		return events.EventSubject(c.Biz, aggBiz, c.Biz)
	}
}
