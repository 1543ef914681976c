package channels

import (
	"encoding/json"
	"maps"
	"slices"

	"muster/internal/fault"
)

// Preview is a template as one user would get it.
type Preview struct {
	Data    map[string]string
	Page    string
	Missing []string // attributes that the user lacks, each once; the first of them is why a send is skipped
}

// MaxPreview is how many bytes the texts of a preview may have together.
const MaxPreview = 256 << 10

// NewPreview renders a template's texts and its page for one user as a campaign would. Where the user lacks an
// attribute, its name stands in brackets. What comes out is bounded, by MaxPreview, and so must each text that goes in be:
// one is rendered whole.
func NewPreview(t Template, vars, attributes map[string]string, user uint64) (Preview, error) {
	p := Preview{Data: make(map[string]string, len(t.Data))}
	known := map[string]bool{} // which are missing already
	left := MaxPreview
	render := func(field, text string, add func(l *Layout, field, text string) error) (string, error) {
		l := NewLayout(vars)
		if err := add(l, field, text); err != nil {
			return "", err
		}
		r := Recipient{UserID: user}
		for _, f := range l.Fields() {
			v, ok := attributes[f]
			if !ok {
				v = "[" + f + "]"
				if !known[f] {
					known[f] = true
					p.Missing = append(p.Missing, f)
				}
			}
			r.Values = append(r.Values, Value{Text: v, OK: true, absent: !ok})
		}
		if left -= l.size(&r); left < 0 {
			return "", fault.Field(field, "makes the message larger than %d KiB with these values", MaxPreview>>10)
		}
		var out string
		err := json.Unmarshal(l.Append(nil, &r), &out)
		return out, fault.Wrap(fault.Internal, err, "preview "+field)
	}
	var err error
	if p.Page, err = render("page", t.Page, (*Layout).Link); err != nil {
		return Preview{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(t.Data)) {
		if p.Data[name], err = render("data."+name, t.Data[name], (*Layout).Text); err != nil {
			return Preview{}, err
		}
	}
	return p, nil
}
