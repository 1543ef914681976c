package channels

import (
	"encoding/json"
	"maps"
	"slices"

	"muster/internal/fault"
)

// Preview renders a template's texts for one user as a campaign would, and names the attributes the user lacks.
// A text that lacks one shows the placeholder's name in brackets.
func Preview(t Template, vars, attributes map[string]string, user uint64) (data map[string]string, missing []string, err error) {
	data = make(map[string]string, len(t.Data))
	for _, name := range slices.Sorted(maps.Keys(t.Data)) {
		l := NewLayout(vars)
		if err := l.Text(name, t.Data[name]); err != nil {
			return nil, nil, err
		}
		r := Recipient{UserID: user}
		for _, f := range l.Fields() {
			v, ok := attributes[f]
			if !ok {
				v = "[" + f + "]"
				if !slices.Contains(missing, f) {
					missing = append(missing, f)
				}
			}
			r.Values = append(r.Values, Value{Text: v, OK: true})
		}
		var text string
		if err := json.Unmarshal(l.Append(nil, &r), &text); err != nil {
			return nil, nil, fault.Wrap(fault.Internal, err, "preview "+name)
		}
		data[name] = text
	}
	return data, missing, nil
}
