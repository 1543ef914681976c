package commands

import (
	"encoding/json"
	"testing"

	"muster/events"
	"muster/internal/fault"
)

// launchable is a stage with a group 9, a template, and a campaign 101.
func launchable(t testing.TB) *stage {
	s := grouped(t, "ids", "", "user_id")
	s.do0(DefineTemplateType, DefineTemplate{Template: wechat(map[string]string{"thing1": "Hello"})})
	s.seq = 100
	s.do0(CreateCampaignType, CreateCampaign{Name: "Spring", Template: "ready", Where: json.RawMessage(`{"group":9}`), Variables: map[string]string{"city": "Wuhan"}})
	return s
}

// do0 handles a command that must not be refused.
func (s *stage) do0(typ string, payload any) {
	s.t.Helper()
	for _, p := range s.do(typ, "", payload) {
		if r, ok := p.(events.CommandRefused); ok {
			s.t.Fatalf("%s was refused: %+v", typ, r)
		}
	}
}

// frozen launches the campaign and freezes an audience of 3 users.
func frozen(t testing.TB) *stage {
	s := launchable(t)
	s.do0(LaunchCampaignType, CampaignRef{101})
	s.do0(RecordFreezeType, s.freeze())
	return s
}

// freeze writes an audience and returns the command that records it.
func (s *stage) freeze() RecordFreeze {
	s.t.Helper()
	var launch uint64
	for _, e := range s.log(campaignSubject("demo", 101)) {
		if e.Type == events.TypeCampaignLaunched {
			launch = e.Seq
		}
	}
	s.given(aggAudience, "101", events.AudienceStarted{Campaign: 101, Position: launch, RangeSize: 2},
		chunk(events.TypeAudienceRange, 1, 2), chunk(events.TypeAudienceRange, 2, 1))
	return RecordFreeze{Campaign: 101, Position: launch, Audience: 3, Ranges: 2, Hash: s.hash(aggAudience, "101")}
}

func TestCreateCampaign(t *testing.T) {
	s := launchable(t)
	then(t, s.do(CreateCampaignType, "", CreateCampaign{Name: "Text", Template: "ready", Where: json.RawMessage(`"group(9) and tag(1)"`)}),
		events.CampaignCreated{ID: 102, Name: "Text", Template: "ready", Where: json.RawMessage(`{"all":[{"group":9},{"tag":1}]}`)})
	s.given(aggGroup, "8", events.GroupCreated{ID: 8, Kind: "ids"}, events.GroupArchived{})
	where := json.RawMessage(`{"group":9}`)
	refused(t, s.do(CreateCampaignType, "", CreateCampaign{Template: "ready", Where: where}), fault.Invalid, "name")
	refused(t, s.do(CreateCampaignType, "", CreateCampaign{Name: "x", Template: "none", Where: where}), fault.NotFound, "template")
	refused(t, s.do(CreateCampaignType, "", CreateCampaign{Name: "x", Template: "No Such", Where: where}), fault.NotFound, "template")
	refused(t, s.do(CreateCampaignType, "", CreateCampaign{Name: "x", Template: "ready", Where: json.RawMessage(`{"group":7}`)}), fault.NotFound, "where")
	refused(t, s.do(CreateCampaignType, "", CreateCampaign{Name: "x", Template: "ready", Where: json.RawMessage(`{"group":8}`)}), fault.Conflict, "where")
	refused(t, s.do(CreateCampaignType, "", CreateCampaign{Name: "x", Template: "ready", Where: where, Variables: map[string]string{"a b": "x"}}), fault.Invalid, "variables")
	refused(t, s.do(CreateCampaignType, "", CreateCampaign{Name: "x", Template: "ready", Where: where, Variables: map[string]string{"a": "x\n"}}), fault.Invalid, "variables.a")
	got := s.do(CreateCampaignType, "", CreateCampaign{Name: "x", Template: "ready", Where: json.RawMessage(`{"all":[]}`)})
	if r, ok := got[0].(events.CommandRefused); !ok || r.Code != string(fault.Invalid) || r.Field[:5] != "where" {
		t.Fatalf("got %s", show(got))
	}
}

func TestLaunchCampaign(t *testing.T) {
	s := launchable(t)
	s.do0(ChangeSettingsType, ChangeSettings{ChunkSize: ptr(2)})
	then(t, s.do(LaunchCampaignType, "", CampaignRef{101}), events.CampaignLaunched{
		ID: 101, Template: wechat(map[string]string{"thing1": "Hello"}), Where: json.RawMessage(`{"group":9}`),
		Variables: map[string]string{"city": "Wuhan"}, Timezone: "Asia/Shanghai", RangeSize: 2})
	ignored(t, s.do(LaunchCampaignType, "", CampaignRef{101}), LaunchCampaignType)
	s.do0(CancelCampaignType, CampaignRef{101})
	refused(t, s.do(LaunchCampaignType, "", CampaignRef{101}), fault.Conflict, "campaign")
	refused(t, s.do(LaunchCampaignType, "", CampaignRef{7}), fault.NotFound, "campaign")

	s = launchable(t)
	s.do0(ArchiveGroupType, ArchiveGroup{Group: 9})
	refused(t, s.do(LaunchCampaignType, "", CampaignRef{101}), fault.Conflict, "where")
}

func TestPauseCampaign(t *testing.T) {
	s := launchable(t)
	refused(t, s.do(PauseCampaignType, "", CampaignRef{101}), fault.Conflict, "campaign")
	s.do0(LaunchCampaignType, CampaignRef{101})
	then(t, s.do(PauseCampaignType, "", CampaignRef{101}), events.CampaignPaused{})
	ignored(t, s.do(PauseCampaignType, "", CampaignRef{101}), PauseCampaignType)
}

func TestResumeCampaign(t *testing.T) {
	s := launchable(t)
	refused(t, s.do(ResumeCampaignType, "", CampaignRef{101}), fault.Conflict, "campaign")
	s.do0(LaunchCampaignType, CampaignRef{101})
	ignored(t, s.do(ResumeCampaignType, "", CampaignRef{101}), ResumeCampaignType)
	s.do0(PauseCampaignType, CampaignRef{101})
	then(t, s.do(ResumeCampaignType, "", CampaignRef{101}), events.CampaignResumed{})
}

func TestCancelCampaign(t *testing.T) {
	s := launchable(t)
	then(t, s.do(CancelCampaignType, "", CampaignRef{101}), events.CampaignCancelled{})
	ignored(t, s.do(CancelCampaignType, "", CampaignRef{101}), CancelCampaignType)
	refused(t, s.do(PauseCampaignType, "", CampaignRef{101}), fault.Conflict, "campaign")
}

func TestRecordFreeze(t *testing.T) {
	s := launchable(t)
	refused(t, s.do(RecordFreezeType, "", RecordFreeze{Campaign: 101}), fault.Conflict, "campaign")
	s.do0(LaunchCampaignType, CampaignRef{101})
	good := s.freeze()
	for field, change := range map[string]func(*RecordFreeze){
		"position": func(f *RecordFreeze) { f.Position++ },
		"hash":     func(f *RecordFreeze) { f.Hash = "other" },
		"ranges":   func(f *RecordFreeze) { f.Ranges = 1 },
	} {
		bad := good
		change(&bad)
		code := fault.Invalid
		if field == "hash" {
			code = fault.Conflict
		}
		refused(t, s.do(RecordFreezeType, "", bad), code, field)
	}
	then(t, s.do(RecordFreezeType, "", good), events.CampaignAudienceFrozen{Position: good.Position, Audience: 3, Ranges: 2, Hash: good.Hash})
	ignored(t, s.do(RecordFreezeType, "", good), RecordFreezeType)
	good.Audience = 4
	refused(t, s.do(RecordFreezeType, "", good), fault.Conflict, "campaign")
}

func TestFailCampaign(t *testing.T) {
	s := launchable(t)
	s.do0(LaunchCampaignType, CampaignRef{101})
	refused(t, s.do(FailCampaignType, "", FailCampaign{Campaign: 101}), fault.Invalid, "reason")
	then(t, s.do(FailCampaignType, "", FailCampaign{Campaign: 101, Reason: "group 9 is archived"}), events.CampaignFailed{Reason: "group 9 is archived"})
	ignored(t, s.do(FailCampaignType, "", FailCampaign{Campaign: 101, Reason: "again"}), FailCampaignType)
	refused(t, s.do(LaunchCampaignType, "", CampaignRef{101}), fault.Conflict, "campaign")
	refused(t, frozen(t).do(FailCampaignType, "", FailCampaign{Campaign: 101, Reason: "late"}), fault.Conflict, "campaign")
}

func TestCompleteCampaign(t *testing.T) {
	s := frozen(t)
	books := events.Books{Audience: 3, Sent: 1, Skipped: 1, Unknown: 1}
	for field, b := range map[string]events.Books{
		"books.pending":  {Audience: 3, Sent: 2, Pending: 1},
		"books.audience": {Audience: 2, Sent: 2},
		"books":          {Audience: 3, Sent: 2},
	} {
		refused(t, s.do(CompleteCampaignType, "", RecordCompletion{101, b}), fault.Invalid, field)
	}
	then(t, s.do(CompleteCampaignType, "", RecordCompletion{101, books}), events.CampaignCompleted{Books: books})
	ignored(t, s.do(CompleteCampaignType, "", RecordCompletion{101, books}), CompleteCampaignType)
	ignored(t, s.do(LaunchCampaignType, "", CampaignRef{101}), LaunchCampaignType)
	refused(t, s.do(CancelCampaignType, "", CampaignRef{101}), fault.Conflict, "campaign")

	s = frozen(t) // a cancelled campaign's books are closed too, and it stays cancelled
	s.do0(CancelCampaignType, CampaignRef{101})
	then(t, s.do(CompleteCampaignType, "", RecordCompletion{101, books}), events.CampaignCompleted{Books: books})
	ignored(t, s.do(CancelCampaignType, "", CampaignRef{101}), CancelCampaignType)
}
