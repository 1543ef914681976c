package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"

	"muster/internal/fault"
)

// Entry describes one event type in its newest version.
type Entry struct {
	Type    Type
	Version int        // newest schema version; 1 or more
	New     func() any // returns a pointer to a zero payload; nil when the payload is binary
	Example any        // payload of the golden file; nil when binary

	// Upcasts maps an old version n to a pure function from its JSON to that of
	// version n+1. Every version below Version must have one.
	Upcasts map[int]func([]byte) ([]byte, error)
}

// Binary says whether the payload is bytes that are not JSON.
func (e *Entry) Binary() bool { return e.New == nil }

// Catalog knows every event type.
type Catalog struct {
	entries map[Type]Entry
	types   map[reflect.Type]Type // of the payload structs
}

// NewCatalog checks the entries and makes a catalog of them. All is the list of
// Muster's own.
func NewCatalog(entries []Entry) (*Catalog, error) {
	c := &Catalog{entries: make(map[Type]Entry, len(entries)), types: make(map[reflect.Type]Type, len(entries))}
	for _, e := range entries {
		if e.Type == "" || e.Version < 1 {
			return nil, fmt.Errorf("catalog: entry %q needs a type and a version", e.Type)
		}
		if _, twice := c.entries[e.Type]; twice {
			return nil, fmt.Errorf("catalog: %s is listed twice", e.Type)
		}
		for v := 1; v < e.Version; v++ {
			if e.Upcasts[v] == nil && !e.Binary() {
				return nil, fmt.Errorf("catalog: %s has no upcast from version %d", e.Type, v)
			}
		}
		c.entries[e.Type] = e
		if e.Binary() {
			continue
		}
		payload := reflect.TypeOf(e.New()).Elem()
		if other, twice := c.types[payload]; twice {
			return nil, fmt.Errorf("catalog: %s is the payload of both %s and %s", payload, other, e.Type)
		}
		c.types[payload] = e.Type
	}
	return c, nil
}

// Entries returns all entries, sorted by type.
func (c *Catalog) Entries() []Entry {
	list := make([]Entry, 0, len(c.entries))
	for _, e := range c.entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Entry) int { return bytes.Compare([]byte(a.Type), []byte(b.Type)) })
	return list
}

// Lookup returns the entry of a type.
func (c *Catalog) Lookup(t Type) (Entry, bool) {
	e, ok := c.entries[t]
	return e, ok
}

// Decode returns the payload of an event in its newest version: a pointer as made
// by Entry.New, or the raw []byte of a binary type. Unknown types, versions newer
// than this program, and payloads that do not fit are fault.Unsupported or
// fault.Corrupt; a projection stops there.
func (c *Catalog) Decode(e Event) (any, error) {
	entry, ok := c.entries[e.Type]
	if !ok {
		return nil, fault.New(fault.Unsupported, "this version of Muster does not know the event %s", e.Type)
	}
	if e.Version > entry.Version {
		return nil, fault.New(fault.Unsupported, "event %s has version %d, this version of Muster knows %d", e.Type, e.Version, entry.Version)
	}
	if entry.Binary() {
		return e.Data, nil
	}
	data := e.Data
	for v := e.Version; v < entry.Version; v++ {
		var err error
		if data, err = entry.Upcasts[v](data); err != nil {
			return nil, fault.Wrap(fault.Corrupt, err, fmt.Sprintf("upcast %s from version %d", e.Type, v))
		}
	}
	payload := entry.New()
	if err := decodeStrict(data, payload); err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, fmt.Sprintf("decode %s at %d", e.Type, e.Seq))
	}
	return payload, nil
}

// Encode makes a JSON event, of the newest version, from a payload struct of the
// catalog or a pointer to one.
func (c *Catalog) Encode(payload any) (Event, error) {
	t := reflect.TypeOf(payload)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	entry, ok := c.entries[c.types[t]]
	if !ok {
		return Event{}, fault.New(fault.Internal, "%T is the payload of no event", payload)
	}
	data, err := json.Marshal(payload)
	if err != nil {
		return Event{}, fault.Wrap(fault.Internal, err, "encode "+string(entry.Type))
	}
	return Event{Type: entry.Type, Version: entry.Version, Encoding: EncodingJSON, Data: data}, nil
}

// decodeStrict refuses unknown fields and anything after the value.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}
