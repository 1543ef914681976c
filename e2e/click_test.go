package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"
)

const (
	fewUsers  = 10
	manyUsers = 1_000_000
	clicks    = 3 // of each size
	// A launch of many may take so many times what a launch of few takes: room for the noise of the machine, not for
	// a hundred thousand times as many users or a wait for their freeze.
	atMostTimes = 10
)

// A launch answers as fast for a million users as for ten, and before its audience is frozen.
func TestTheClickReturns(t *testing.T) {
	s := start(t, t.TempDir())
	s.json(200, "PATCH", "/v1/settings?wait=30s", object{"chunk_size": 100_000}) // few ranges to cancel
	few, many := s.groupOf(fewUsers), s.groupOf(manyUsers)
	took := map[string][]time.Duration{}
	for range clicks {
		for name, where := range map[string]object{"few": few, "many": many} {
			campaign := s.campaign("demo", where)
			begun := time.Now()
			s.json(http.StatusAccepted, "POST", "/v1/demo/campaigns/"+campaign+":launch", nil)
			took[name] = append(took[name], time.Since(begun))
			s.frozen(t, campaign) // so that the next click has no work of this one beside it
			s.cancelled(t, campaign)
		}
		took["while the engine stands still"] = append(took["while the engine stands still"], s.clickBeforeFreeze(t, many))
	}
	ten := median(took["few"])
	t.Logf("a launch of %d users is answered in %s; medians of %d", fewUsers, ten, clicks)
	for _, name := range []string{"many", "while the engine stands still"} {
		million := median(took[name])
		t.Logf("a launch of %d users (%s): %s", manyUsers, name, million)
		if million > atMostTimes*ten {
			t.Errorf("a launch of %d users takes %s, one of %d %s: it waits for its audience", manyUsers, million, fewUsers, ten)
		}
	}
}

// groupOf makes a group of users 1..n and returns the segment that means it.
func (s *server) groupOf(n int) object {
	s.t.Helper()
	made := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": fmt.Sprint(n), "kind": "ids"})
	r, w := io.Pipe()
	go func() {
		b := bufio.NewWriter(w)
		for u := 1; u <= n; u++ {
			_, _ = fmt.Fprintln(b, u)
		}
		_ = w.CloseWithError(b.Flush())
	}()
	s.stream(200, "POST", "/v1/demo/groups/"+id(made)+"/members?wait=60s", r, "Content-Type", "text/plain")
	return object{"group": num(made["id"])}
}

// clickBeforeFreeze launches while the engine that evaluates audiences stands still: the answer comes all the same,
// the launch is in the log, and nothing of the audience is. Once the engine goes on, the audience follows. It returns
// how long the answer took.
func (s *server) clickBeforeFreeze(t *testing.T, where object) time.Duration {
	t.Helper()
	campaign := s.campaign("demo", where)
	diary, audience := "evt.demo.campaign."+campaign, "evt.demo.audience."+campaign
	engine := engineOf(t, s.cmd.Process.Pid)
	signal := func(sig syscall.Signal) {
		if err := syscall.Kill(engine, sig); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	t.Cleanup(func() { _ = syscall.Kill(engine, syscall.SIGCONT) })
	var took time.Duration
	answered := make(chan answer, 1)
	begun := time.Now()
	go func() {
		a, _ := s.try("POST", "/v1/demo/campaigns/"+campaign+":launch", nil)
		answered <- a
	}()
	select {
	case a := <-answered:
		took = time.Since(begun)
		if a.Status != http.StatusAccepted {
			t.Fatalf("a launch is answered %d %s", a.Status, clip(a.Body))
		}
	case <-time.After(readyWithin):
		t.Fatal("the launch is not answered while no audience can be evaluated: it waits for the freeze")
	}
	var launched entry
	s.eventually(t, func() bool {
		all := s.entries("EVENTS", diary)
		launched = all[len(all)-1]
		return launched.kind == "campaign.launched"
	})
	if frozen := s.entries("EVENTS", audience); len(frozen) != 0 {
		t.Fatalf("%d events of the audience are in the log while the engine stands still", len(frozen))
	}
	signal(syscall.SIGCONT)
	s.frozen(t, campaign)
	if frozen := s.entries("EVENTS", audience); frozen[0].seq <= launched.seq {
		t.Errorf("the audience begins at %d, its launch is at %d", frozen[0].seq, launched.seq)
	}
	s.cancelled(t, campaign)
	return took
}

// frozen waits until a campaign's audience is in the log.
func (s *server) frozen(t *testing.T, campaign string) {
	t.Helper()
	s.eventually(t, func() bool {
		return slices.ContainsFunc(s.entries("EVENTS", "evt.demo.campaign."+campaign), func(e entry) bool { return e.kind == "campaign.audience_frozen" })
	})
}

// cancelled cancels a campaign, unless it is through already, and waits until its books are closed.
func (s *server) cancelled(t *testing.T, campaign string) {
	t.Helper()
	a, err := s.try("POST", "/v1/demo/campaigns/"+campaign+":cancel?wait=30s", nil)
	if err != nil || a.Status != http.StatusOK && a.Status != http.StatusConflict {
		t.Fatalf("cancel: %d %v %s", a.Status, err, clip(a.Body))
	}
	s.eventually(t, func() bool {
		r := s.json(200, "GET", "/v1/demo/campaigns/"+campaign+"/report", nil)
		balanced(t, r)
		return r["completed_at"] != nil && r["pending"] == 0.0
	})
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
