package events

import (
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// The envelope's headers. Empty fields have no header, so that the diary stays
// short; Encoding is left out when it is "json".
const (
	HeaderType        = "Muster-Type"
	HeaderVersion     = "Muster-Version"
	HeaderID          = "Muster-Id"
	HeaderTime        = "Muster-Time"
	HeaderActor       = "Muster-Actor"
	HeaderCommand     = "Muster-Command"
	HeaderCorrelation = "Muster-Correlation"
	HeaderTrace       = "Muster-Trace"
	HeaderEncoding    = "Muster-Encoding"
	HeaderCount       = "Muster-Count"
	HeaderPart        = "Muster-Part"
	HeaderPrev        = "Muster-Prev"
	HeaderSum         = "Muster-Sum"
	HeaderHash        = "Muster-Hash"
	HeaderBody        = "Muster-Body" // commands: hash of the request's body
)

const (
	headerExpectLastSubj = "Nats-Expected-Last-Subject-Sequence"
	headerExpectLastOf   = "Nats-Expected-Last-Subject-Sequence-Subject"
	headerBatchID        = "Nats-Batch-Id"
	headerBatchSeq       = "Nats-Batch-Sequence"
	headerBatchCommit    = "Nats-Batch-Commit"
)

// header writes the envelope.
func (e *Event) header() nats.Header {
	h := make(nats.Header, 16)
	set := func(k, v string) {
		if v != "" {
			h[k] = []string{v}
		}
	}
	set(HeaderID, e.ID)
	set(HeaderType, string(e.Type))
	set(HeaderVersion, strconv.Itoa(e.Version))
	set(HeaderTime, e.Time.UTC().Format(time.RFC3339Nano))
	set(HeaderActor, e.Actor)
	set(HeaderCommand, e.CommandID)
	set(HeaderCorrelation, e.Correlation)
	set(HeaderTrace, e.Trace)
	if e.Encoding != EncodingJSON {
		set(HeaderEncoding, e.Encoding)
	}
	if e.Count > 0 {
		set(HeaderCount, strconv.FormatUint(e.Count, 10))
	}
	if e.Part > 0 {
		set(HeaderPart, strconv.FormatUint(e.Part, 10))
	}
	set(HeaderPrev, e.PrevHash)
	set(HeaderSum, e.Sum)
	set(HeaderHash, e.Hash)
	return h
}

// decodeEvent reads the envelope of a stored message. It checks form only; the
// hashes are checked by verifySelf.
func decodeEvent(subject string, seq uint64, h nats.Header, data []byte) (Event, error) {
	sub, err := ParseSubject(subject)
	if err != nil {
		return Event{}, err
	}
	e := Event{
		ID: h.Get(HeaderID), Type: Type(h.Get(HeaderType)), Subject: sub, Seq: seq,
		Actor: h.Get(HeaderActor), CommandID: h.Get(HeaderCommand),
		Correlation: h.Get(HeaderCorrelation), Trace: h.Get(HeaderTrace),
		Encoding: h.Get(HeaderEncoding), PrevHash: h.Get(HeaderPrev),
		Sum: h.Get(HeaderSum), Hash: h.Get(HeaderHash), Data: data,
	}
	if e.ID == "" || e.Type == "" || e.Hash == "" || e.Sum == "" {
		return Event{}, fmt.Errorf("no event: an envelope header is missing")
	}
	if e.Encoding == "" {
		e.Encoding = EncodingJSON
	}
	if e.Version, err = strconv.Atoi(h.Get(HeaderVersion)); err != nil || e.Version < 1 {
		return Event{}, fmt.Errorf("bad %s %q", HeaderVersion, h.Get(HeaderVersion))
	}
	if e.Time, err = time.Parse(time.RFC3339Nano, h.Get(HeaderTime)); err != nil {
		return Event{}, fmt.Errorf("bad %s: %w", HeaderTime, err)
	}
	if p := h.Get(HeaderPart); p != "" {
		if e.Part, err = strconv.ParseUint(p, 10, 64); err != nil {
			return Event{}, fmt.Errorf("bad %s: %w", HeaderPart, err)
		}
	}
	if c := h.Get(HeaderCount); c != "" {
		if e.Count, err = strconv.ParseUint(c, 10, 64); err != nil {
			return Event{}, fmt.Errorf("bad %s: %w", HeaderCount, err)
		}
	}
	return e, nil
}
