package events

import (
	"encoding/json"
	"time"
)

// All lists every event type Muster has ever appended, in its newest version, with an example that
// golden files are made from. Bulk types have no payload struct: their payload is binary.
func All() []Entry {
	return append(append(append(groupEntries(), uploadEntries()...), adminEntries()...), campaignEntries()...)
}

func groupEntries() []Entry {
	expires := time.Date(2027, 1, 31, 16, 0, 0, 0, time.UTC)
	return []Entry{
		{Type: TypeGroupCreated, Version: 1, New: func() any { return &GroupCreated{} }, Example: GroupCreated{
			ID: 12, Name: "Spring buyers", Kind: "file", Subkind: "local", Identity: "phone",
			Content: json.RawMessage(`{"path":"spring.csv"}`), Ext: json.RawMessage(`{"owner":"ops"}`), ExpiresAt: &expires}},
		{Type: TypeGroupResolveRequested, Version: 1, New: func() any { return &GroupResolveRequested{} },
			Example: GroupResolveRequested{UploadID: "c1", Op: OpAdd, Rows: 3}},
		{Type: TypeGroupRebuildRequested, Version: 1, New: func() any { return &GroupRebuildRequested{} },
			Example: GroupRebuildRequested{Version: 2}},
		{Type: TypeGroupMembersChanged, Version: 1, New: func() any { return &GroupMembersChanged{} },
			Example: GroupMembersChanged{Version: 1, Op: OpAdd, UploadID: "c1", Hash: "9f86d081884c7d65", Chunks: 1, Users: 3, Unmatched: 1, PhonesUploadID: "c0"}},
		{Type: TypeGroupFailed, Version: 1, New: func() any { return &GroupFailed{} }, Example: GroupFailed{Reason: "the file is not there"}},
		{Type: TypeGroupArchived, Version: 1, New: func() any { return &GroupArchived{} }, Example: GroupArchived{Reason: "expired"}},
	}
}

func uploadEntries() []Entry {
	return []Entry{
		{Type: TypeUploadStarted, Version: 1, New: func() any { return &UploadStarted{} },
			Example: UploadStarted{Target: TargetGroup, GroupID: 12, Content: TypeUploadIDs, Source: "http"}},
		{Type: TypeUploadRejected, Version: 1, New: func() any { return &UploadRejected{} },
			Example: UploadRejected{Rejected: []Rejection{{Line: 7, Field: "user_id", Reason: "not a whole number"}}}},
		{Type: TypeUploadCompleted, Version: 1, New: func() any { return &UploadCompleted{} },
			Example: UploadCompleted{Target: TargetUsers, Content: TypeUploadUsers, Rows: 4, Accepted: 3, Rejected: 1, Chunks: 1, Hash: "9f86d081884c7d65"}},
		{Type: TypeUploadAbandoned, Version: 1, New: func() any { return &UploadAbandoned{} }, Example: UploadAbandoned{Reason: "the body was cut off"}},
		{Type: TypeUploadIDs, Version: 1}, {Type: TypeUploadPhones, Version: 1}, {Type: TypeUploadUsers, Version: 1},
		{Type: TypeUploadTags, Version: 1}, {Type: TypeUploadOrders, Version: 1}, {Type: TypeUploadUnmatched, Version: 1},
	}
}

func exampleTemplate() Template {
	return Template{ID: "ready", Name: "Course ready", Channel: "wechat", ProviderTemplateID: "tmpl-1", Page: "pages/index",
		Data: map[string]string{"thing1": "Hello {{name}}"}}
}

func adminEntries() []Entry {
	return []Entry{
		{Type: TypeBizDefined, Version: 1, New: func() any { return &BizDefined{} }, Example: BizDefined{Name: "Demo", Timezone: "Asia/Shanghai"}},
		{Type: TypeTagNamed, Version: 1, New: func() any { return &TagNamed{} }, Example: TagNamed{ID: 11, Name: "Parents"}},
		{Type: TypeTemplateDefined, Version: 1, New: func() any { return &TemplateDefined{} }, Example: TemplateDefined{exampleTemplate()}},
		{Type: TypeKeyCreated, Version: 1, New: func() any { return &KeyCreated{} },
			Example: KeyCreated{ID: "k1", Name: "laptop", Biz: "demo", Role: "operator", Hash: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"}},
		{Type: TypeKeyRevoked, Version: 1, New: func() any { return &KeyRevoked{} }, Example: KeyRevoked{Reason: "lost"}},
		{Type: TypeSettingsChanged, Version: 1, New: func() any { return &SettingsChanged{} }, Example: SettingsChanged{DefaultSettings()}},
		{Type: TypeCommandRefused, Version: 1, New: func() any { return &CommandRefused{} },
			Example: CommandRefused{Command: "group.archive", Code: "not_found", Field: "group", Reason: "there is no group 99"}},
		{Type: TypeCommandNoop, Version: 1, New: func() any { return &CommandNoop{} },
			Example: CommandNoop{Command: "campaign.launch", Reason: "launched already"}},
	}
}

func campaignEntries() []Entry {
	where := json.RawMessage(`{"group":12}`)
	books := Books{Audience: 3, Sent: 2, Skipped: 1}
	users := []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 58, 48, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 7, 0}
	return []Entry{
		{Type: TypeCampaignCreated, Version: 1, New: func() any { return &CampaignCreated{} },
			Example: CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: where, Variables: map[string]string{"city": "Wuhan"}}},
		{Type: TypeCampaignLaunched, Version: 1, New: func() any { return &CampaignLaunched{} },
			Example: CampaignLaunched{ID: 31, Template: exampleTemplate(), Where: where, Timezone: "Asia/Shanghai", RangeSize: 10_000}},
		{Type: TypeCampaignAudienceFrozen, Version: 1, New: func() any { return &CampaignAudienceFrozen{} },
			Example: CampaignAudienceFrozen{Position: 40, Audience: 3, Ranges: 1, Hash: "9f86d081884c7d65"}},
		{Type: TypeCampaignPaused, Version: 1, New: func() any { return &CampaignPaused{} }, Example: CampaignPaused{}},
		{Type: TypeCampaignResumed, Version: 1, New: func() any { return &CampaignResumed{} }, Example: CampaignResumed{}},
		{Type: TypeCampaignCancelled, Version: 1, New: func() any { return &CampaignCancelled{} }, Example: CampaignCancelled{}},
		{Type: TypeCampaignFailed, Version: 1, New: func() any { return &CampaignFailed{} }, Example: CampaignFailed{Reason: "group 12 is archived"}},
		{Type: TypeCampaignCompleted, Version: 1, New: func() any { return &CampaignCompleted{} }, Example: CampaignCompleted{Books: books}},
		{Type: TypeAudienceStarted, Version: 1, New: func() any { return &AudienceStarted{} },
			Example: AudienceStarted{Campaign: 31, Position: 40, RangeSize: 10_000}},
		{Type: TypeAudienceRange, Version: 1},
		{Type: TypeLedgerClaimed, Version: 1, New: func() any { return &LedgerClaimed{} },
			Example: LedgerClaimed{Sender: "host-1", Count: 1, Users: users}},
		{Type: TypeLedgerReleased, Version: 1, New: func() any { return &LedgerReleased{} },
			Example: LedgerReleased{Sender: "host-1", Claim: 52, Count: 1, Users: users}},
		{Type: TypeLedgerOutcomes, Version: 1, New: func() any { return &LedgerOutcomes{} }, Example: LedgerOutcomes{Sender: "host-1",
			Results: []Outcome{{Status: Failed, Code: "43101", Reason: "the user refused", Count: 1, Users: users}}}},
	}
}
