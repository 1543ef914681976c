package gateway

import (
	"strconv"
	"strings"

	"muster/internal/fault"
)

// Expecting says what a change expects to find; the command handler decides whether it is so.
type Expecting struct {
	IfNoneMatch string `header:"If-None-Match" doc:"*: only make it; 412 when there is one already" example:"*"`
	IfMatch     string `header:"If-Match" doc:"The ETag of what is to be changed, its seq in quotes; 412 when it was changed since" example:"\"42\""`
}

// expected reads the headers: there must be nothing yet, or what the event seq made.
func (e *Expecting) expected() (onlyNew bool, seq uint64, err error) {
	if e.IfNoneMatch != "" && e.IfNoneMatch != "*" {
		return false, 0, fault.Field("If-None-Match", "is * or left out")
	}
	if e.IfMatch == "" {
		return e.IfNoneMatch == "*", 0, nil
	}
	if e.IfNoneMatch != "" {
		return false, 0, fault.Field("If-Match", "goes not together with If-None-Match")
	}
	tag, opened := strings.CutPrefix(e.IfMatch, `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	seq, err = strconv.ParseUint(tag, 10, 64)
	if !opened || !closed || err != nil || seq == 0 {
		return false, 0, fault.Field("If-Match", `is an ETag as reading gave it, such as "42"`)
	}
	return false, seq, nil
}
