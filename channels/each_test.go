package channels_test

import (
	"context"
	"sync/atomic"
	"testing"

	"muster/channels"
)

// TestNothingIsBegunAfterAHalt halts a batch, or ends its context, while its first messages are under way.
func TestNothingIsBegunAfterAHalt(t *testing.T) {
	for _, name := range []string{"halt", "end"} {
		t.Run(name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			defer end()
			halt := make(chan struct{})
			b := channels.Batch{To: make([]channels.Recipient, 100), Halt: halt}
			stop := map[string]func(){"halt": func() { close(halt) }, "end": end}[name]
			results := make([]channels.Result, len(b.To))
			var begun atomic.Int64
			all := make(chan struct{}) // the first four are under way
			none := func() struct{} { return struct{}{} }
			channels.Each(ctx, &b, 4, none, func(i int, _ struct{}) {
				if begun.Add(1) == 4 {
					stop()
					close(all)
				}
				<-all
				results[i] = channels.Result{Verdict: channels.Sent}
			}, func(struct{}) {}, func(i int) { results[i] = channels.NotOffered() })
			count := map[channels.Verdict]int{}
			for _, r := range results {
				count[r.Verdict]++
			}
			if begun.Load() != 4 || count[channels.Sent] != 4 || count[channels.Kept] != 96 {
				t.Fatalf("%d were begun, the verdicts are %v", begun.Load(), count)
			}
		})
	}
}
