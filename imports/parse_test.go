package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"muster/events"
	"muster/events/rows"
	"muster/internal/fault"
)

// parsed is what a parser made of a stream.
type parsed struct {
	ids, phones    []uint64
	users          []rows.User
	tags           []rows.Tag
	orders         []rows.Order
	rows, rejected uint64
	kept           []events.Rejection
}

type input struct {
	content     events.Type
	contentType string
	encoding    string
	column      string
	maxRecord   int
	zone        *time.Location
}

func parse(in input, r io.Reader) (parsed, error) {
	var got parsed
	sp, err := specOf(in.content)
	if err != nil {
		return got, err
	}
	src, err := open(r, in.encoding, 0)
	defer src.done()
	if err != nil {
		return got, err
	}
	f, err := src.formatOf(in.contentType, sp)
	if err != nil {
		return got, err
	}
	p := &parser{src: src, spec: sp, column: in.column, zone: time.UTC, chunkRows: 3, maxRecord: DefaultMaxRecord, keep: 10}
	if in.maxRecord > 0 {
		p.maxRecord = in.maxRecord
	}
	if in.zone != nil {
		p.zone = in.zone
	}
	p.emit = func(c *chunk) error {
		got.ids = append(got.ids, c.ids...)
		got.phones = append(got.phones, c.phones...)
		got.users = append(got.users, c.users...)
		got.tags = append(got.tags, c.tags...)
		got.orders = append(got.orders, c.orders...)
		return nil
	}
	err = p.run(f)
	got.rows, got.rejected, got.kept = p.rows, p.rejected, p.kept
	return got, err
}

func TestIDsInEveryForm(t *testing.T) {
	want := []uint64{1, 2, 18446744073709551615, 3, 4}
	for name, c := range map[string]struct{ contentType, body string }{
		"lines":                {"text/plain", "1\n2\n18446744073709551615\n3\n4\n"},
		"no last line end":     {"text/plain", "1\n2\n18446744073709551615\n3\n4"},
		"mixed line ends":      {"text/plain", "1\r\n2\n18446744073709551615\r3\r\n\r\n4"},
		"only carriage return": {"text/plain", "1\r2\r18446744073709551615\r3\r4\r"},
		"byte order mark":      {"text/plain", "\ufeff1\n2\n18446744073709551615\n3\n4\n"},
		"header":               {"text/plain", "user_id\n1\n2\n18446744073709551615\n3\n4\n"},
		"quoted lines":         {"text/plain", "\"1\"\n2\n 18446744073709551615 \n\"3\"\n4\n"},
		"csv":                  {"text/csv", "user_id\n1\n2\n18446744073709551615\n3\n4\n"},
		"csv mixed":            {"text/csv; charset=utf-8", "\ufeffUser_ID\r\n1\r\n\"2\"\n18446744073709551615\r3\r\n\n4"},
		"csv without header":   {"text/csv", "1\n2\n18446744073709551615\n3\n4\n"},
		"ndjson":               {"application/x-ndjson", "1\n\"2\"\n{\"user_id\":18446744073709551615}\r\n{\"user_id\":\"3\"}\n\n4"},
		"json":                 {"application/json", ` {"users": [1, "2", 18446744073709551615, {"user_id":3}, 4]} `},
		"json list":            {"application/json", `[1,"2",18446744073709551615,3,4]`},
		"sniffed lines":        {"", "1\n2\n18446744073709551615\n3\n4\n"},
		"sniffed csv":          {"application/octet-stream", "user_id\n1\n2\n18446744073709551615\n3\n4\n"},
		"sniffed json":         {"", `{ "users":[1,2,18446744073709551615,3,4]}`},
		"sniffed ndjson":       {"application/x-www-form-urlencoded", "{\"user_id\":1}\n{\"user_id\":2}\n18446744073709551615\n3\n4"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, pack := range packings {
				got, err := parse(input{content: events.TypeUploadIDs, contentType: c.contentType}, oneByOne{pack.do([]byte(c.body))})
				if err != nil {
					t.Fatalf("%s: %v", pack.name, err)
				}
				if !reflect.DeepEqual(got.ids, want) || got.rows != 5 || got.rejected != 0 {
					t.Fatalf("%s: got %v, %d rows, %d rejected %v", pack.name, got.ids, got.rows, got.rejected, got.kept)
				}
			}
		})
	}
}

// oneByOne makes every boundary fall everywhere.
type oneByOne struct{ r io.Reader }

func (o oneByOne) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

type packing struct {
	name string
	do   func([]byte) io.Reader
}

var packings = []packing{
	{"plain", func(b []byte) io.Reader { return bytes.NewReader(b) }},
	{"gzip", func(b []byte) io.Reader { return bytes.NewReader(gzipped(b)) }},
	{"gzip in two members", func(b []byte) io.Reader {
		h := len(b) / 2
		return bytes.NewReader(append(gzipped(b[:h]), gzipped(b[h:])...))
	}},
	{"zstd", func(b []byte) io.Reader { return bytes.NewReader(zstded(b)) }},
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

func zstded(b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func TestBadIDsAreRejectedWithTheirLine(t *testing.T) {
	body := "1\n\nabc\n-5\n18446744073709551616\n1.5\n1e3\n+7\n\x00\xff\n99999999999999999999999\n2\n"
	want := []events.Rejection{
		{Line: 3, Field: "user_id", Reason: "is not a number"},
		{Line: 4, Field: "user_id", Reason: "is negative"},
		{Line: 5, Field: "user_id", Reason: "is above 18446744073709551615"},
		{Line: 6, Field: "user_id", Reason: "is not a whole number"},
		{Line: 7, Field: "user_id", Reason: "is not a whole number"},
		{Line: 8, Field: "user_id", Reason: "has a plus sign; only digits are allowed"},
		{Line: 9, Field: "user_id", Reason: "is not a number"},
		{Line: 10, Field: "user_id", Reason: "is above 18446744073709551615"},
	}
	for _, ct := range []string{"text/plain", "text/csv"} {
		in := body
		if ct == "text/csv" {
			in = strings.Replace(body, "1\n\n", "user_id\n1\n", 1)
		}
		got, err := parse(input{content: events.TypeUploadIDs, contentType: ct}, strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.kept, want) || got.rejected != 8 || got.rows != 10 {
			t.Errorf("%s: %d of %d rejected: %+v", ct, got.rejected, got.rows, got.kept)
		}
	}
}

func TestOnlyTheFirstRejectionsAreKept(t *testing.T) {
	got, err := parse(input{content: events.TypeUploadIDs}, strings.NewReader(strings.Repeat("x\n", 50)+"1\n"))
	if err != nil || len(got.kept) != 10 || got.rejected != 50 {
		t.Fatalf("kept %d of %d (%v)", len(got.kept), got.rejected, err)
	}
}

func TestUsers(t *testing.T) {
	phone, none, openid, empty := uint64(8613800000000), uint64(0), "o-1", ""
	body := "openid,user_id,tags,attributes,phone\r\n" +
		"o-1,7,\"3,1 2,1\",\"{\"\"name\"\":\"\"Li, Wei\"\",\"\"n\"\":5,\"\"b\"\":true,\"\"z\"\":null}\",+86 138-0000-0000\r\n" +
		",8,,,\n" +
		"a\x01b,9,,,\n" +
		",10,0,,\n" +
		",11,4294967296,,\n" +
		",12,,[1],\n" +
		",13,,\"{\"\"a\"\":[]}\",\n" +
		",14,,,12x\n" +
		",15,,\n" +
		",,,,\n"
	got, err := parse(input{content: events.TypeUploadUsers, contentType: "text/csv"}, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	want := []rows.User{
		{UserID: 7, Phone: &phone, OpenID: &openid, Tags: []uint32{1, 2, 3}, HasTags: true, Attributes: map[string]string{"name": "Li, Wei", "n": "5", "b": "true"}},
		{UserID: 8, Phone: &none, OpenID: &empty, HasTags: true, Attributes: map[string]string{}},
	}
	if !reflect.DeepEqual(got.users, want) {
		t.Errorf("users %+v", got.users)
	}
	checkReasons(t, got.kept, "4 openid has control", "5 tags holds a tag that is not between", "6 tags holds a tag", "7 attributes is not a JSON object",
		"8 attributes holds a list", "9 phone is not a phone", "10  has 4 fields", "11 user_id is missing")

	ndjson := `{"user_id":"7","tags":[3,"1",2],"attributes":{"a":"b"}}` + "\n" + `{"user_id":8,"phone":null}` + "\n" +
		`{"user_id":9,"nickname":"x"}` + "\n" + `{"user_id":` + "\n[]\n" + `{"user_id":-1}` + "\n" + `{"user_id":true}`
	got, err = parse(input{content: events.TypeUploadUsers, contentType: "application/x-ndjson"}, strings.NewReader(ndjson))
	if err != nil {
		t.Fatal(err)
	}
	want = []rows.User{{UserID: 7, Tags: []uint32{1, 2, 3}, HasTags: true, Attributes: map[string]string{"a": "b"}}, {UserID: 8, Phone: &none}}
	if !reflect.DeepEqual(got.users, want) {
		t.Errorf("users %+v", got.users)
	}
	checkReasons(t, got.kept, "3  has an unknown field", "4  is not a JSON object", "5  is not a JSON object", "6 user_id is negative", "7 user_id is not a number")
}

func checkReasons(t *testing.T, got []events.Rejection, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rejected, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if s := fmt.Sprintf("%d %s %s", got[i].Line, got[i].Field, got[i].Reason); !strings.HasPrefix(s, w) {
			t.Errorf("rejection %q, want %q", s, w)
		}
	}
}

func TestTags(t *testing.T) {
	got, err := parse(input{content: events.TypeUploadTags}, strings.NewReader("user_id;tag_id;op\n1;11;add\n2;11;remove\n3;1;\n4;0;add\n5;1;toggle\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []rows.Tag{{UserID: 1, TagID: 11}, {UserID: 2, TagID: 11, Remove: true}, {UserID: 3, TagID: 1}}
	if !reflect.DeepEqual(got.tags, want) {
		t.Errorf("tags %+v", got.tags)
	}
	checkReasons(t, got.kept, "5 tag_id is not between", "6 op is neither")
}

func TestOrders(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	body := "order_id,user_id,amount,paid_at,status\n" +
		"a,1,9.90,2026-11-21T01:00:00Z,paid\n" +
		"b,1,,2026-11-21 09:00:00,Refunded\n" +
		"c,1,-0.0001,2026-11-21,\n" +
		"d,1,5,1795222800,paid\n" +
		"e,1,5,1795222800123,paid\n" +
		",1,5,2026-11-21,paid\n" +
		"f,1,5,yesterday,paid\n" +
		"g,1,5,,paid\n" +
		"h,1,1.00001,2026-11-21,paid\n" +
		"i,1,five,2026-11-21,paid\n" +
		"j,1,5,1066-10-14,paid\n" +
		"k,1,5,2026-11-21,half paid\n" +
		strings.Repeat("x", 65) + ",1,5,2026-11-21,paid\n"
	got, err := parse(input{content: events.TypeUploadOrders, contentType: "text/csv", zone: shanghai}, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, o := range got.orders {
		seen = append(seen, o.OrderID+" "+o.Amount+" "+o.PaidAt.Format(time.RFC3339Nano)+" "+o.Status)
	}
	want := []string{"a 9.90 2026-11-21T01:00:00Z paid", "b 0 2026-11-21T01:00:00Z refunded", "c -0.0001 2026-11-20T16:00:00Z paid",
		"d 5 2026-11-21T01:00:00Z paid", "e 5 2026-11-21T01:00:00.123Z paid"}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("orders %q", seen)
	}
	checkReasons(t, got.kept, "7 order_id is missing", "8 paid_at is not a time", "9 paid_at is missing", "10 amount has more than 4", "11 amount is not a decimal",
		"12 paid_at is not between", "13 status is not a status", "14 order_id is longer than 64")
}

func TestPhones(t *testing.T) {
	got, err := parse(input{content: events.TypeUploadPhones}, strings.NewReader("phone\n+86 138 0000 0000\n138-0000-0000\n\"13800000001\"\n123456789012345678901\nabc\n000\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []uint64{8613800000000, 13800000000, 13800000001}; !reflect.DeepEqual(got.phones, want) {
		t.Errorf("phones %v", got.phones)
	}
	if got.rejected != 3 {
		t.Errorf("rejected %+v", got.kept)
	}
}

func TestOneColumnOfAFile(t *testing.T) {
	got, err := parse(input{content: events.TypeUploadIDs, column: "member"}, strings.NewReader("name,member,age\nann,1,30\nbob,2,\n"))
	if err != nil || !reflect.DeepEqual(got.ids, []uint64{1, 2}) {
		t.Errorf("ids %v (%v)", got.ids, err)
	}
}

func TestQuotedLineEndsKeepLineNumbersRight(t *testing.T) {
	got, err := parse(input{content: events.TypeUploadUsers, contentType: "text/csv"},
		strings.NewReader("user_id,attributes\r\n1,\"{\n\"\"a\"\":\r\n1}\"\r\nx,\r\n2,a\"b\n3,\"{}\"x\n"))
	if err != nil {
		t.Fatal(err)
	}
	checkReasons(t, got.kept, "5 user_id is not a number", "6  a quote inside a field", "7  text behind a closing quote")
}

func TestWhatRefusesAWholeUpload(t *testing.T) {
	body := []byte("user_id\n" + strings.Repeat("12345\n", 50_000))
	packed := gzipped(body)
	flipped := bytes.Clone(zstded(body))
	flipped[len(flipped)/2] ^= 0xff
	for name, c := range map[string]struct {
		in   input
		body io.Reader
		code fault.Code
		says string
	}{
		"empty":              {input{}, strings.NewReader(""), fault.Invalid, "the file is empty"},
		"empty gzip":         {input{encoding: "gzip"}, strings.NewReader(""), fault.Invalid, "the file is empty"},
		"gzip of nothing":    {input{}, bytes.NewReader(gzipped(nil)), fault.Invalid, "the file is empty"},
		"only a mark":        {input{}, strings.NewReader("\ufeff"), fault.Invalid, "no rows"},
		"only a header":      {input{contentType: "text/csv"}, strings.NewReader("user_id\n"), fault.Invalid, "no rows"},
		"only empty lines":   {input{}, strings.NewReader("\n\r\n"), fault.Invalid, "no rows"},
		"empty list":         {input{contentType: "application/json"}, strings.NewReader(`{"users":[]}`), fault.Invalid, "no rows"},
		"not gzip":           {input{encoding: "gzip"}, strings.NewReader("1\n2\n3\n"), fault.Invalid, "the gzip data is broken"},
		"half a gzip":        {input{}, bytes.NewReader(packed[:len(packed)/2]), fault.Invalid, "the gzip data is broken"},
		"gzip with no sum":   {input{}, bytes.NewReader(packed[:len(packed)-4]), fault.Invalid, "the gzip data is broken"},
		"broken zstd":        {input{}, bytes.NewReader(flipped), fault.Invalid, "the zstd data is broken"},
		"half a zstd":        {input{encoding: "zstd"}, bytes.NewReader(zstded(body)[:20]), fault.Invalid, "the zstd data is broken"},
		"wide zstd":          {input{}, bytes.NewReader(wide(body)), fault.TooLarge, "a window of more than 8 MiB"},
		"wide zstd by name":  {input{encoding: "zstd"}, bytes.NewReader(wide(body)), fault.TooLarge, "a window of more than 8 MiB"},
		"gzip in zstd":       {input{}, bytes.NewReader(zstded(packed)), fault.Invalid, "compressed twice: gzip within zstd"},
		"zstd in gzip":       {input{encoding: "gzip"}, bytes.NewReader(gzipped(zstded([]byte("1\n2\n")))), fault.Invalid, "compressed twice: zstd within gzip"},
		"brotli":             {input{encoding: "br"}, strings.NewReader("1"), fault.Invalid, "not supported"},
		"cut off":            {input{}, io.MultiReader(bytes.NewReader(body[:1000]), failing{io.ErrUnexpectedEOF}), fault.Invalid, "cut off after 1000 bytes"},
		"cut off in gzip":    {input{}, io.MultiReader(bytes.NewReader(packed[:100]), failing{errors.New("reset")}), fault.Invalid, "cut off after 100 bytes"},
		"cut off in json":    {input{contentType: "application/json"}, io.MultiReader(strings.NewReader(`{"users":[1,2`), failing{io.ErrUnexpectedEOF}), fault.Invalid, "cut off after 13"},
		"endless line":       {input{}, io.MultiReader(strings.NewReader("1\n2\n"), endless{'7'}), fault.TooLarge, "line 3: the line is longer than 1 MiB"},
		"endless csv":        {input{contentType: "text/csv"}, io.MultiReader(strings.NewReader("user_id\n1\n"), endless{'7'}), fault.TooLarge, "line 3: the line is longer"},
		"endless quote":      {input{contentType: "text/csv"}, io.MultiReader(strings.NewReader("user_id\n\""), endless{'\n'}), fault.TooLarge, "line 2: the line is longer"},
		"endless json":       {input{contentType: "application/json"}, io.MultiReader(strings.NewReader(`{"users":[1,"`), endless{'7'}), fault.TooLarge, "element 2 is longer"},
		"endless ndjson":     {input{contentType: "application/x-ndjson"}, endless{'7'}, fault.TooLarge, "line 1: the line is longer"},
		"open quote":         {input{contentType: "text/csv"}, strings.NewReader("user_id\n1\n\"2\n3\n"), fault.Invalid, "line 3: a quote is opened here and never closed"},
		"wrong header":       {input{contentType: "text/csv"}, strings.NewReader("hello,world\n1,2\n"), fault.Invalid, "column 1 is unknown"},
		"unknown column":     {input{contentType: "text/csv"}, strings.NewReader("user_id,shoe_size\n1,2\n"), fault.Invalid, "column 2 is unknown"},
		"column twice":       {input{contentType: "text/csv"}, strings.NewReader("user_id,user_id\n1,2\n"), fault.Invalid, "there twice"},
		"header no utf-8":    {input{contentType: "text/csv"}, strings.NewReader("user\xff_id\n1\n"), fault.Invalid, "not UTF-8"},
		"utf-16":             {input{}, strings.NewReader("\xff\xfe1\x00\n\x00"), fault.Invalid, "UTF-16"},
		"unknown json field": {input{contentType: "application/json"}, strings.NewReader(`{"people":[1]}`), fault.Invalid, "unknown field"},
		"json scalar":        {input{contentType: "application/json"}, strings.NewReader(`17`), fault.Invalid, "must be"},
		"json no list":       {input{contentType: "application/json"}, strings.NewReader(`{"users":17}`), fault.Invalid, "must be a list"},
		"half a json":        {input{contentType: "application/json"}, strings.NewReader(`{"users":[1,2`), fault.Invalid, "ends too early"},
		"wrong json":         {input{contentType: "application/json"}, strings.NewReader(`{"users":[1,,2]}`), fault.Invalid, "JSON is wrong"},
		"two documents":      {input{contentType: "application/json"}, strings.NewReader(`{"users":[1]}{"users":[2]}`), fault.Invalid, "text behind the end"},
		"half gzip of json":  {input{contentType: "application/json"}, bytes.NewReader(half(gzipped([]byte(`{"users":[` + strings.Repeat("1,", 90_000) + `1]}`)))), fault.Invalid, "gzip data is broken"},
		"strange type":       {input{contentType: "image/png"}, strings.NewReader("1"), fault.Invalid, "not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.content = events.TypeUploadIDs
			_, err := parse(c.in, c.body)
			if err == nil {
				t.Fatal("it was taken")
			}
			if !fault.Is(err, c.code) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%s %v, want %s ...%s...", fault.CodeOf(err), err, c.code, c.says)
			}
		})
	}
	for name, header := range map[string]string{"missing": "phone\n1\n", "empty name": "user_id,\n1,2\n"} {
		if _, err := parse(input{content: events.TypeUploadUsers}, strings.NewReader(header)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// wide is a body in zstd with the window that zstd --long takes.
func wide(body []byte) []byte {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(128<<20), zstd.WithSingleSegment(false))
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(body); err != nil {
		panic(err)
	}
	if err := w.Flush(); err != nil { // a frame of unknown size: the window is what its header says
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func half(b []byte) []byte { return b[:len(b)/2] }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// endless is a line that never ends.
type endless struct{ c byte }

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.c
	}
	return len(p), nil
}

func TestATenGigabyteLineTakesNoMemory(t *testing.T) {
	long := io.MultiReader(strings.NewReader("1\n"), io.LimitReader(endless{'9'}, 10<<30), strings.NewReader("\n2\n"))
	_, err := parse(input{content: events.TypeUploadIDs, contentType: "text/plain"}, long)
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.TooLarge || f.Line != 2 {
		t.Fatalf("got %v", err)
	}
}
