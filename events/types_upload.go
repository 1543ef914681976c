package events

// Types of the upload aggregate, subject evt.<biz>.upload.<upload id>; the upload id is the id of
// the command that completes it. Order: started, chunks, (rejected), completed or abandoned. A second
// started discards every chunk before it.
const (
	TypeUploadStarted   Type = "upload.started"
	TypeUploadRejected  Type = "upload.rejected"
	TypeUploadCompleted Type = "upload.completed"
	TypeUploadAbandoned Type = "upload.abandoned"

	// Chunks, binary. Part counts them from 1 within the upload; Count is their rows.
	TypeUploadIDs       Type = "upload.ids"       // roaring64: user ids
	TypeUploadPhones    Type = "upload.phones"    // csv+zstd: phone
	TypeUploadUsers     Type = "upload.users"     // csv+zstd: see events/rows
	TypeUploadTags      Type = "upload.tags"      // csv+zstd
	TypeUploadOrders    Type = "upload.orders"    // csv+zstd
	TypeUploadUnmatched Type = "upload.unmatched" // csv+zstd: phones that matched no user
)

// UploadTarget says what an upload is for.
type UploadTarget string

// The targets of uploads.
const (
	TargetGroup  UploadTarget = "group"
	TargetUsers  UploadTarget = "users"
	TargetTags   UploadTarget = "tags"
	TargetOrders UploadTarget = "orders"
)

// UploadStarted opens, or opens again, an upload.
type UploadStarted struct {
	Target  UploadTarget `json:"target"`
	GroupID uint64       `json:"group_id,omitempty"`
	Content Type         `json:"content"` // the type of the chunks to come
	Source  string       `json:"source"`  // http, local, resolve: how the rows came in; never a path
}

// Rejection says why one row of an upload was not taken. It never repeats the row's values.
type Rejection struct {
	Line   uint64 `json:"line"`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

// UploadRejected keeps the first rejected rows, as many as the setting rejected_kept allows.
type UploadRejected struct {
	Rejected []Rejection `json:"rejected"`
}

// UploadCompleted makes an upload count. For target group the group's own
// group.members_changed, appended with it in one batch, is what changes members.
type UploadCompleted struct {
	Target   UploadTarget `json:"target"`
	GroupID  uint64       `json:"group_id,omitempty"`
	Content  Type         `json:"content"`
	Rows     uint64       `json:"rows"`     // data rows read
	Accepted uint64       `json:"accepted"` // rows in chunks
	Rejected uint64       `json:"rejected"` // rows = accepted + rejected
	Chunks   uint64       `json:"chunks"`
	Hash     string       `json:"hash"`                // of the event before this one: covers all chunks
	BodyHash string       `json:"body_hash,omitempty"` // sha256 of the body as received, hex; "" for non-HTTP sources
}

// UploadAbandoned closes an upload that will never complete; its chunks are ignored.
type UploadAbandoned struct {
	Reason string `json:"reason"`
}
