package queries

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"muster/internal/fault"
	"muster/segments"
)

func segmentError(at segments.Pos, format string, args ...any) error {
	return &segments.Error{At: at, Code: fault.Invalid, Msg: fmt.Sprintf(format, args...)}
}

// placeholder is {name:Type} of the types that expressions use.
const placeholder = `\{([a-z_0-9]+):(String|Int64|UInt64)\}`

// bound gives a statement's parameters as text, and its SQL with them in place. It is
// for people who run it by hand: Muster itself always sends values apart.
func bound(st segments.Statement) (params map[string]string, sql string, err error) {
	literals := map[string]string{}
	params = map[string]string{}
	for _, a := range st.Args {
		p, ok := a.(driver.NamedValue)
		if !ok {
			return nil, "", fault.New(fault.Internal, "a parameter without a name")
		}
		switch v := p.Value.(type) {
		case string:
			params[p.Name], literals[p.Name] = v, quote(v)
		case uint64:
			params[p.Name] = strconv.FormatUint(v, 10)
			literals[p.Name] = "toUInt64(" + params[p.Name] + ")"
		case int64:
			params[p.Name] = strconv.FormatInt(v, 10)
			literals[p.Name] = "toInt64(" + params[p.Name] + ")"
		default:
			return nil, "", fault.New(fault.Internal, "the parameter %s is a %T", p.Name, v)
		}
	}
	sql = regexp.MustCompile(placeholder).ReplaceAllStringFunc(st.SQL, func(s string) string {
		name, _, _ := strings.Cut(s[1:], ":")
		lit, ok := literals[name]
		if !ok {
			err = fault.New(fault.Internal, "a statement without a value for %s", name)
		}
		return lit
	})
	return params, sql, err
}

// quote writes a string as SQL.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`).Replace(s) + "'"
}
