package imports

import (
	"strings"
	"testing"

	"muster/events"
)

// A NUL ends texts in too many programs on the way to a user's phone. Whatever the form of
// an upload, an attribute that holds one is refused in the same words.
func TestNULInAttributes(t *testing.T) {
	for name, c := range map[string]struct{ contentType, body, first, second string }{
		"ndjson": {"application/x-ndjson", `{"user_id":1,"attributes":{"a":"b\u0000c"}}` + "\n" + `{"user_id":2,"attributes":{"a\u0000":"b"}}` + "\n" + `{"user_id":3,"attributes":{"a":"b\\u0000"}}`, "1", "2"},
		"json":   {"application/json", `{"users":[{"user_id":1,"attributes":{"a":"b\u0000c"}},{"user_id":2,"attributes":{"a\u0000":"b"}},{"user_id":3,"attributes":{"a":"b\\u0000"}}]}`, "1", "2"},
		"csv":    {"text/csv", `user_id,attributes` + "\n" + `1,"{""a"":""b\u0000c""}"` + "\n" + `2,"{""a\u0000"":""b""}"` + "\n" + `3,"{""a"":""b\\u0000""}"`, "2", "3"},
		"raw":    {"text/csv", `user_id,attributes` + "\n" + `1,"{""a"":""b` + "\x00" + `c""}"` + "\n" + `2,"{""a` + "\x00" + `"":""b""}"` + "\n" + `3,"{""a"":""b\\u0000""}"`, "2", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(input{content: events.TypeUploadUsers, contentType: c.contentType}, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			checkReasons(t, got.kept, c.first+" attributes holds a NUL character", c.second+" attributes holds a NUL character")
			if len(got.users) != 1 || got.users[0].Attributes["a"] != `b\u0000` {
				t.Errorf("users %+v", got.users)
			}
		})
	}
}
