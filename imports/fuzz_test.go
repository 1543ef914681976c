package imports

import (
	"bytes"
	"testing"

	"muster/events"
	"muster/internal/fault"
)

// fuzzContents are the kinds of uploads a fuzzer chooses from.
func fuzzContents() []events.Type {
	return []events.Type{events.TypeUploadIDs, events.TypeUploadPhones, events.TypeUploadUsers, events.TypeUploadTags, events.TypeUploadOrders}
}

// fuzzFormat checks what holds for every stream: it ends, every row is counted once,
// an error has a code, and bytes that come one by one give the same as all at once.
func fuzzFormat(f *testing.F, contentType string) {
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		in := input{content: fuzzContents()[int(kind)%5], contentType: contentType, maxRecord: 4 << 10}
		got, err := parse(in, bytes.NewReader(body))
		if err != nil && fault.CodeOf(err) != fault.Invalid && fault.CodeOf(err) != fault.TooLarge {
			t.Fatalf("error without a fitting code: %v", err)
		}
		taken := len(got.ids) + len(got.phones) + len(got.users) + len(got.tags) + len(got.orders)
		if err == nil && got.rows != uint64(taken)+got.rejected {
			t.Fatalf("%d rows, %d taken, %d rejected", got.rows, taken, got.rejected)
		}
		slow, slowErr := parse(in, oneByOne{bytes.NewReader(body)})
		if (err == nil) != (slowErr == nil) || slow.rows != got.rows || slow.rejected != got.rejected {
			t.Fatalf("at once: %d rows, %d rejected, %v; byte by byte: %d, %d, %v", got.rows, got.rejected, err, slow.rows, slow.rejected, slowErr)
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add(uint8(0), []byte("\ufeffuser_id\r\n1\n2\r3"))
	f.Add(uint8(1), []byte("+86 138-0000-0000\n\"1\"\n"))
	fuzzFormat(f, "text/plain")
}

func FuzzCSV(f *testing.F) {
	f.Add(uint8(2), []byte("user_id,phone,openid,tags,attributes\n1,2,o,\"1,2\",\"{\"\"a\"\":1}\"\n"))
	f.Add(uint8(3), []byte("user_id\ttag_id\top\r\n1\t2\tadd\r\r\n"))
	f.Add(uint8(4), []byte("order_id,user_id,paid_at\n\"a\nb\",1,2026-01-01\n\"a\"x,1,1\n"))
	fuzzFormat(f, "text/csv")
}

func FuzzNDJSON(f *testing.F) {
	f.Add(uint8(2), []byte("{\"user_id\":1,\"tags\":[1,2],\"attributes\":{\"a\":true}}\n{}\nnull\n"))
	f.Add(uint8(0), []byte("1\n\"2\"\n{\"user_id\":3}"))
	fuzzFormat(f, "application/x-ndjson")
}

func FuzzJSON(f *testing.F) {
	f.Add(uint8(0), []byte(`{"users":[1,"2",{"user_id":3}]}`))
	f.Add(uint8(4), []byte(`[{"order_id":"a","user_id":1,"paid_at":1}]`))
	fuzzFormat(f, "application/json")
}

func FuzzPacked(f *testing.F) {
	f.Add(uint8(0), gzipped([]byte("1\n2\n")))
	f.Add(uint8(0), zstded([]byte("1\n2\n")))
	fuzzFormat(f, "")
}
