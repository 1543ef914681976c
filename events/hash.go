package events

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

const hashBytes = 16 // of SHA-256 kept in headers; 128 bits tell any two events apart

// sumOf is the checksum of a payload.
func sumOf(data []byte) string {
	d := sha256.Sum256(data)
	return hex.EncodeToString(d[:hashBytes])
}

// hashOf is the chain hash of e after prev. It covers every field of the envelope
// and, through Sum, the payload; so the chain can be checked from headers alone.
// Every field is preceded by its length, so that no two events share a preimage.
func hashOf(e *Event, prev string) string {
	var stack [768]byte
	b := stack[:0]
	for _, s := range [...]string{
		prev, prefixOf(e.Subject.Stream), e.Subject.Biz, e.Subject.Aggregate, e.Subject.ID,
		e.ID, string(e.Type), e.Actor, e.CommandID, e.Correlation, e.Trace, e.Encoding, e.Sum,
	} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(e.Version))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time.UnixNano()))
	b = binary.BigEndian.AppendUint64(b, e.Count)
	b = binary.BigEndian.AppendUint64(b, e.Part)
	d := sha256.Sum256(b)
	return hex.EncodeToString(d[:hashBytes])
}

// seal sets the checksum and chains e behind prev.
func (e *Event) seal(prev string) {
	e.PrevHash = prev
	e.Sum = sumOf(e.Data)
	e.Hash = hashOf(e, prev)
}

var (
	errSum  = errors.New("the payload does not match its checksum")
	errHash = errors.New("the envelope does not match its hash")
)

// verifySelf checks e's own checksum and hash. withData is false for events read
// without payload.
func (e *Event) verifySelf(withData bool) error {
	if withData && sumOf(e.Data) != e.Sum {
		return errSum
	}
	if hashOf(e, e.PrevHash) != e.Hash {
		return errHash
	}
	return nil
}
