package events

// Types of the small aggregates: product lines, tags' names, templates, keys, settings, and the
// two answers a command may get on whatever subject it addressed.
const (
	TypeBizDefined      Type = "biz.defined"      // evt.<biz>.biz.<biz>
	TypeTagNamed        Type = "tag.named"        // evt.<biz>.tag.<tag id>
	TypeTemplateDefined Type = "template.defined" // evt.<biz>.template.<template id>
	TypeKeyCreated      Type = "key.created"      // evt._.key.<key id>
	TypeKeyRevoked      Type = "key.revoked"      // evt._.key.<key id>
	TypeSettingsChanged Type = "settings.changed" // evt._.settings.global
	TypeCommandRefused  Type = "command.refused"  // any subject: the command changed nothing
	TypeCommandNoop     Type = "command.noop"     // any subject: what it asks for is so already
)

// SystemScope is the biz token of what belongs to no single product line: keys and settings.
const SystemScope = "_"

// BizDefined makes or changes a product line.
type BizDefined struct {
	Name     string `json:"name"`
	Timezone string `json:"timezone"` // IANA name, as Asia/Shanghai
}

// TagNamed gives a tag id a name for people.
type TagNamed struct {
	ID          uint32 `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// TemplateDefined makes or changes a message template.
type TemplateDefined struct {
	Template
}

// Template is what a campaign sends. Data maps the provider's field names to text with
// {{placeholders}}: an attribute, user_id or a campaign variable.
type Template struct {
	ID                 string            `json:"id"`
	Name               string            `json:"name,omitempty"`
	Channel            string            `json:"channel"` // wechat or webhook
	ProviderTemplateID string            `json:"provider_template_id,omitempty"`
	Page               string            `json:"page,omitempty"` // wechat: the mini-program page it opens
	URL                string            `json:"url,omitempty"`  // webhook: where it is posted
	Data               map[string]string `json:"data"`
}

// KeyCreated registers an API key by its hash; the key itself is never stored.
type KeyCreated struct {
	ID   string `json:"id"`   // public part of the key
	Name string `json:"name"` // for people
	Biz  string `json:"biz"`  // one product line, or "*" for all
	Role string `json:"role"` // viewer, operator, admin
	Hash string `json:"hash"` // sha256 of the secret part (256 random bits), hex
}

// KeyRevoked ends a key.
type KeyRevoked struct {
	Reason string `json:"reason,omitempty"`
}

// SettingsChanged holds every runtime setting after the change.
type SettingsChanged struct {
	Settings
}

// Settings are the runtime settings every process follows.
type Settings struct {
	ChunkSize    int `json:"chunk_size"`    // users or rows per bulk event and send command, 1 to 100,000; default 10,000
	ClaimSize    int `json:"claim_size"`    // users claimed at once by a sender, 1 to 10,000; default 500
	RejectedKept int `json:"rejected_kept"` // rejected rows kept with their reasons per upload; default 1,000
	SendRate     int `json:"send_rate"`     // messages per second and channel, all campaigns, of each process that sends; 0 is unlimited
}

// DefaultSettings are in force until an admin changes them.
func DefaultSettings() Settings {
	return Settings{ChunkSize: 10_000, ClaimSize: 500, RejectedKept: 1_000}
}

// CommandRefused says why a command changed nothing.
type CommandRefused struct {
	Command string `json:"command"` // its type
	Code    string `json:"code"`    // a fault code
	Field   string `json:"field,omitempty"`
	Reason  string `json:"reason"`
}

// CommandNoop says that what a command asks for is so already: a double click.
type CommandNoop struct {
	Command string `json:"command"`
	Reason  string `json:"reason"`
}
