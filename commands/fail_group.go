package commands

import (
	"context"
	"strings"
	"unicode"

	"muster/events"
)

// maxFailure is how much of an error is kept as a reason, in characters.
const maxFailure = 500

// CleanReason makes of an error's text a reason that commands take, whatever it holds:
// valid UTF-8 in one line, not too long, not empty.
func CleanReason(text string) string {
	text = strings.Map(func(r rune) rune { // which turns bytes that are no UTF-8 into U+FFFD
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > maxFailure {
		text = string(r[:maxFailure])
	}
	if text = strings.TrimSpace(text); text == "" {
		return "no reason is known"
	}
	return text
}

func (w *work) failGroup(ctx context.Context, c *FailGroup) ([]any, error) {
	g, err := w.group(ctx, c.Group, "group")
	if err != nil {
		return nil, err
	}
	return decideFailGroup(g, c)
}

func decideFailGroup(g *group, c *FailGroup) ([]any, error) {
	if err := g.alive(); err != nil {
		return nil, err
	}
	if err := checkReason(c.Reason); err != nil {
		return nil, err
	}
	return []any{events.GroupFailed{Reason: c.Reason}}, nil
}
