package imports

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"mime"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"muster/internal/fault"
)

// maxWindow is the largest zstd window: what `zstd -19` makes, and the most that RFC 9659
// allows as a Content-Encoding. Each upload under way may hold one in memory.
const maxWindow = 8 << 20

// body is an upload's bytes as they came in: hashed, counted, and their error kept
// apart from those of whatever decodes them.
type body struct {
	r    io.Reader
	hash hash.Hash
	n    int64
	max  int64 // bytes; 0 is no limit
	err  error // other than io.EOF
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	b.hash.Write(p[:n])
	if b.max > 0 && b.n > b.max {
		err = fault.New(fault.TooLarge, "the upload is longer than %s", byteSize(int(b.max)))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

func (b *body) sum() string { return hex.EncodeToString(b.hash.Sum(nil)) }

// noting remembers the error of a decompressor, which a decoder above may swallow.
type noting struct {
	r   io.Reader
	err error // other than io.EOF
}

func (n *noting) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return k, err
}

// source is an upload's bytes, decompressed and without a byte order mark.
type source struct {
	*bufio.Reader
	body        *body
	plain       *noting // what Reader reads from
	compression string  // gzip, zstd or ""
	done        func()
}

// open decides how the body is compressed: by its Content-Encoding or, when it has
// none, by its first bytes.
func open(r io.Reader, encoding string, maxBytes int64) (*source, error) {
	b := &body{r: r, hash: sha256.New(), max: maxBytes}
	s := &source{body: b, done: func() {}}
	raw := bufio.NewReaderSize(b, firstBuffer)
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "gzip", "x-gzip":
		s.compression = "gzip"
	case "zstd":
		s.compression = "zstd"
	case "", "identity":
		var err error
		if s.compression, err = compressionOf(raw); err != nil {
			return s, s.blame(err)
		}
	default:
		return s, fault.Field("Content-Encoding", "this encoding is not supported: use gzip, zstd or none")
	}
	if err := s.decompress(raw); err != nil {
		return s, err
	}
	if s.compression != "" { // what looks like text would be taken for it, a few rows even for good ones
		again, err := compressionOf(s.Reader)
		if err != nil {
			return s, s.blame(err)
		}
		if again != "" {
			return s, fault.New(fault.Invalid, "the file is compressed twice: %s within %s", again, s.compression)
		}
	}
	return s, s.skipBOM()
}

// compressionOf tells by the first bytes: gzip, zstd or "".
func compressionOf(r *bufio.Reader) (string, error) {
	magic, err := r.Peek(4)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return "gzip", nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "zstd", nil
	}
	return "", nil
}

func (s *source) decompress(raw *bufio.Reader) error {
	if s.compression == "" {
		s.setReader(raw)
		return nil
	}
	if _, err := raw.Peek(1); errors.Is(err, io.EOF) {
		return errEmpty()
	}
	if s.compression == "gzip" {
		z, err := gzip.NewReader(raw)
		if err != nil {
			return s.blame(noEOF(err))
		}
		s.setReader(z)
		return nil
	}
	z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return s.blame(noEOF(err))
	}
	s.done = z.Close
	s.setReader(z)
	return nil
}

func (s *source) setReader(r io.Reader) {
	s.plain = &noting{r: r}
	s.Reader = bufio.NewReaderSize(s.plain, firstBuffer)
}

func (s *source) skipBOM() error {
	head, err := s.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return s.blame(err)
	}
	switch {
	case bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}):
		_, err = s.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return fault.New(fault.Invalid, "the text is UTF-16: save it as UTF-8")
	case len(head) == 0:
		return errEmpty()
	}
	return nil
}

// blame tells a body that was cut off from one whose compression is broken; errors
// that have a code already stay as they are.
func (s *source) blame(err error) error {
	if err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	if s.body.err != nil {
		if errors.As(s.body.err, &f) {
			return s.body.err
		}
		return &fault.Error{Code: fault.Invalid, Err: s.body.err,
			Msg: "the body was cut off after " + itoa(int(s.body.n)) + " bytes; nothing of it counts"}
	}
	switch {
	case s.compression == "":
		return fault.Wrap(fault.Internal, err, "read the body")
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return &fault.Error{Code: fault.TooLarge, Err: err,
			Msg: "the zstd data needs a window of more than " + byteSize(maxWindow) + ": compress it with zstd -19 or less, without --long or --ultra"}
	}
	return &fault.Error{Code: fault.Invalid, Err: err, Msg: "the " + s.compression + " data is broken or incomplete; nothing of it counts"}
}

// drain reads the rest, so that the hash is of the whole body.
func (s *source) drain() error {
	_, err := io.Copy(io.Discard, s)
	return s.blame(err)
}

// noEOF is for where an end of the stream cannot be right.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func errEmpty() error { return fault.New(fault.Invalid, "the file is empty") }

type format int

const (
	formatCSV format = iota + 1
	formatLines
	formatNDJSON
	formatJSON
)

// formatOf decides the format by Content-Type, or by the first bytes where that
// says nothing.
func (s *source) formatOf(contentType string, sp *spec) (format, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if contentType != "" && err != nil {
		return 0, fault.Field("Content-Type", "cannot be read")
	}
	switch kind {
	case "text/csv", "application/csv", "text/tab-separated-values":
		return formatCSV, nil
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
		return formatNDJSON, nil
	case "application/json":
		return formatJSON, nil
	case "text/plain":
		if sp.plain() {
			return formatLines, nil
		}
	case "", "application/octet-stream", "application/gzip", "application/x-gzip", "application/zstd", "application/x-www-form-urlencoded":
	default:
		return 0, fault.Field("Content-Type", "this type is not supported: use text/csv, text/plain, application/x-ndjson or application/json")
	}
	return s.sniff(sp)
}

// sniff looks at the first bytes.
func (s *source) sniff(sp *spec) (format, error) {
	head, err := s.Peek(4 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, s.blame(err)
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	if len(head) > 0 && head[0] == '[' {
		return formatJSON, nil
	}
	if len(head) > 0 && head[0] == '{' {
		for _, k := range sp.keys {
			if rest := bytes.TrimLeft(head[1:], " \t\r\n"); bytes.HasPrefix(rest, []byte(`"`+k+`"`)) {
				return formatJSON, nil
			}
		}
		return formatNDJSON, nil
	}
	first := head
	if i := bytes.IndexAny(first, "\r\n"); i >= 0 {
		first = first[:i]
	}
	if sp.plain() && !bytes.ContainsAny(first, ",;\t") {
		return formatLines, nil
	}
	return formatCSV, nil
}

// Hash reads a body to its end and returns what UploadSummary.BodyHash would be.
func Hash(r io.Reader) (string, error) {
	src, err := open(r, "identity", 0)
	defer src.done()
	if err == nil {
		err = src.drain()
	}
	return src.body.sum(), err
}
