package channels

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Verdict is what became of one message.
type Verdict uint8

// The verdicts. The zero value is Unknown, so that a message nobody spoke of is not taken for anything better.
const (
	Unknown Verdict = iota // the provider may have taken it, or not
	Sent                   // the provider took it
	Refused                // the provider will never take it
	Later                  // offered and provably not taken; the same message may be offered again
	Kept                   // never offered: the batch was halted, or its context ended, before its turn came
)

// Result is the verdict on one message, with the provider's code and words for people. Reason never holds
// anything of the message: results are grouped by it.
type Result struct {
	Verdict Verdict
	Code    string
	Reason  string
}

// Template is what a channel needs of a message template. Texts in Data may hold {{placeholders}}.
type Template struct {
	ProviderID string            // wechat: template_id
	Page       string            // wechat: the mini-program page it opens
	URL        string            // webhook: where it is posted
	Data       map[string]string // the provider's field names to texts
}

// Value is one attribute of one user.
type Value struct {
	Text string
	OK   bool // the user has the attribute, perhaps empty

	absent bool // Text is a preview's, in its place
}

// Recipient is one user to be sent to. Values stand in the order of Layout.Fields.
type Recipient struct {
	UserID uint64
	OpenID string
	Values []Value
}

// Batch is what one call sends: one campaign's layout to several users. Once Halt is closed nothing more of it is
// offered; what is under way then is still waited for. A nil Halt never is.
type Batch struct {
	Campaign string // unique among all campaigns of all product lines; part of idempotency keys
	Layout   *Layout
	To       []Recipient
	Halt     <-chan struct{}
}

// Halted says whether nothing more of the batch may be offered.
func (b *Batch) Halted() bool {
	select {
	case <-b.Halt:
		return true
	default:
		return false
	}
}

// Pause waits, and says whether a message may be offered then: ctx lives and the batch is not halted.
func (b *Batch) Pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-b.Halt:
	case <-t.C:
	}
	return ctx.Err() == nil && !b.Halted()
}

// Channel is one way out. It is safe for concurrent use.
type Channel interface {
	// Name is what templates call it.
	Name() string
	// Idempotent says that a message of the same campaign and user may be offered again at any time: the
	// receiver promised to recognise it.
	Idempotent() bool
	// Compile checks a template and binds a campaign's variables.
	Compile(t Template, vars map[string]string) (*Layout, error)
	// Send offers every message once and fills results, one for each recipient. A message whose turn had not come
	// when the batch was halted or ctx ended is Kept. It returns when all verdicts are there; when ctx ends it hangs
	// up on answers that are still missing, whose messages are Unknown.
	Send(ctx context.Context, b Batch, results []Result)
}

const (
	eager = 4                    // goroutines that a batch begins with
	slow  = 5 * time.Millisecond // a call that takes longer than this brings in another
)

// Each runs fn for every index of b.To, each goroutine with a state of its own that open makes and shut ends, and
// returns when all are done. Indexes left when the batch is halted or ctx ends go to skip instead.
//
// It begins with few goroutines and adds one after every slow call, up to width: a far-away provider is asked by
// many at once within some round trips, and one on the same machine by no more than keep it busy (a third less
// processor time for each message).
func Each[S any](ctx context.Context, b *Batch, width int, open func() S, fn func(i int, state S), shut func(S), skip func(i int)) {
	var next, running atomic.Int64
	var wg sync.WaitGroup
	n := len(b.To)
	width = min(width, n)
	var work func()
	work = func() {
		state := open()
		defer shut(state)
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if b.Halted() || ctx.Err() != nil {
				skip(i)
				continue
			}
			begin := time.Now()
			fn(i, state)
			if time.Since(begin) > slow && running.Load() < int64(width) {
				running.Add(1)
				wg.Go(work)
			}
		}
	}
	first := min(eager, width)
	running.Store(int64(first))
	for range first {
		wg.Go(work)
	}
	wg.Wait()
}

// NotOffered is the result of a message that was kept back.
func NotOffered() Result {
	return Result{Verdict: Kept, Code: "stopped", Reason: "stopped before it was offered"}
}

// Pause waits, and says whether ctx still lives.
func Pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
