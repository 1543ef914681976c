package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// journal is the file of accepted messages, one JSON line each. A line is handed to the kernel whole before append
// returns: it outlives the process, though not the machine.
type journal struct {
	mu   sync.Mutex
	file *os.File
	size int64 // bytes of whole lines
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the sandbox's messages: %w", err)
	}
	j := &journal{file: f}
	if err := j.trim(); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("read the sandbox's messages: %w", err)
	}
	return j, nil
}

// trim cuts off a last line that a crash of the machine left half written.
func (j *journal) trim() error {
	st, err := j.file.Stat()
	if err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	for end := st.Size(); end > 0; {
		start := max(end-int64(len(buf)), 0)
		part := buf[:end-start]
		if _, err := j.file.ReadAt(part, start); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			j.size = start + int64(i) + 1
			break
		}
		end = start
	}
	return j.file.Truncate(j.size)
}

// append writes one line, which ends in \n.
func (j *journal) append(line []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.WriteAt(line, j.size); err != nil {
		return err // what was written in part is written over by the next
	}
	j.size += int64(len(line))
	return nil
}

// reader reads every line accepted so far.
func (j *journal) reader() io.Reader {
	j.mu.Lock()
	defer j.mu.Unlock()
	return io.NewSectionReader(j.file, 0, j.size)
}

// clear forgets every message.
func (j *journal) clear() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.file.Truncate(0); err != nil {
		return err
	}
	j.size = 0
	return nil
}

func (j *journal) close() error { return j.file.Close() }
