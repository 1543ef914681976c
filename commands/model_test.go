package commands

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"muster/events"
	"muster/internal/fault"
)

// crashing is the seam at which a process dies: before an append, or after it; or the
// server does, in the middle of it.
type crashing struct {
	*memory
	before, between, after bool // the next append's fate
}

func (c *crashing) Append(ctx context.Context, appends []events.Append) ([]events.Version, error) {
	if c.before {
		c.before = false
		return nil, fault.New(fault.Unavailable, "died before the append")
	}
	if c.between && len(appends) > 1 {
		c.between = false
		if _, err := c.memory.Append(ctx, appends[:1]); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.Unavailable, "a part of it is stored")
	}
	v, err := c.memory.Append(ctx, appends)
	if c.after && err == nil {
		c.after = false
		return nil, fault.New(fault.Unavailable, "died after the append")
	}
	return v, err
}

// machine drives one aggregate through random commands, dying at random steps.
type machine struct {
	*stage
	rt    *rapid.T
	seam  *crashing
	subj  events.Subject
	count int
	sent  []events.StoredCommand
}

func newMachine(t *testing.T, rt *rapid.T, subject events.Subject) *machine {
	seam := &crashing{memory: newMemory()}
	s := newStage(t, seam)
	s.given(aggBiz, "demo", events.BizDefined{Name: "Demo", Timezone: "UTC"})
	return &machine{stage: s, rt: rt, seam: seam, subj: subject}
}

// deliver hands a command to a process until it is answered, and once more. Whoever
// dies leaves its cache behind.
func (m *machine) deliver(c events.StoredCommand) any {
	for try := range rapid.IntRange(1, 3).Draw(m.rt, "deliveries") {
		m.seam.before = try == 0 && rapid.Bool().Draw(m.rt, "dies before")
		m.seam.between = try == 0 && rapid.Bool().Draw(m.rt, "dies between")
		m.seam.after = rapid.Bool().Draw(m.rt, "dies after")
		if m.handle(c) != nil || rapid.Bool().Draw(m.rt, "another process") {
			m.cache = newCache(cacheWeight)
		}
	}
	m.seam.before, m.seam.between, m.seam.after = false, false, false
	for range 2 {
		if err := m.handle(c); err != nil {
			m.rt.Fatalf("%s: %v", c.Type, err)
		}
	}
	got := m.answers(m.subj, c.ID)
	if len(got) != 1 {
		m.rt.Fatalf("%s was answered %d times: %s", c.Type, len(got), show(got))
	}
	return got[0]
}

// command sends a new command, or one that was sent before.
func (m *machine) command(typ string, payload any) any {
	m.count++
	c := m.ask(typ, fmt.Sprintf("m%d", m.count), payload)
	m.sent = append(m.sent, c)
	return m.deliver(c)
}

// again delivers an old command once more: its one answer stays.
func (m *machine) again() {
	if len(m.sent) > 0 {
		before := len(m.log(m.subj))
		m.deliver(rapid.SampledFrom(m.sent).Draw(m.rt, "old command"))
		if after := len(m.log(m.subj)); after != before {
			m.rt.Fatalf("an old command added %d events", after-before)
		}
	}
}

// says compares an answer's kind with what the model expects: "ok", "noop" or "refused".
func (m *machine) says(answer any, want string) {
	got := "ok"
	switch answer.(type) {
	case events.CommandNoop:
		got = "noop"
	case events.CommandRefused:
		got = "refused"
	}
	if got != want {
		m.rt.Fatalf("got %s, the model says %s", show([]any{answer}), want)
	}
}

func TestGroupModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt, groupSubject("demo", 9))
		kind := rapid.SampledFrom([][3]string{{"ids", "", "user_id"}, {"ids", "", "phone"}, {"file", "upload", "user_id"}, {"file", "local", "user_id"}, {"file", "local", "phone"}}).Draw(rt, "kind")
		m.given(aggGroup, "9", events.GroupCreated{ID: 9, Kind: kind[0], Subkind: kind[1], Identity: kind[2]})
		// The model, written down apart from the code it judges.
		var version uint64
		archived, building, rebuilding := false, kind[0] == "file", false
		var waiting []string
		source, content := "http", events.TypeUploadIDs
		if kind[1] == "local" {
			source = "local"
		}
		if kind[2] == "phone" {
			content = events.TypeUploadPhones
		}
		changed := func(answer any) {
			c, ok := answer.(events.GroupMembersChanged)
			if version++; !ok || c.Version != version {
				rt.Fatalf("got %s, want version %d", show([]any{answer}), version)
			}
			building, rebuilding = false, false
		}
		upload := func(content events.Type, source string) UploadSummary {
			id := fmt.Sprintf("m%d", m.count+1)
			return m.uploaded(id, groupUpload(content, source), uint64(rapid.IntRange(1, 9).Draw(rt, "users")))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"change": func(*rapid.T) {
				cmd := ChangeMembers{Group: 9, Op: events.OpReplace, Upload: upload(content, source)}
				switch answer := m.command(ChangeMembersType, cmd); {
				case archived:
					m.says(answer, "refused")
				case kind[2] == "phone":
					if _, ok := answer.(events.GroupResolveRequested); !ok {
						rt.Fatalf("got %s", show([]any{answer}))
					}
					waiting = append(waiting, cmd.Upload.UploadID)
				default:
					changed(answer)
				}
			},
			"resolve": func(*rapid.T) {
				id := "none"
				if len(waiting) > 0 {
					id = waiting[0]
				}
				answer := m.command(ChangeMembersType, ChangeMembers{Group: 9, Op: events.OpReplace, Upload: upload(events.TypeUploadIDs, "resolve"), PhonesUploadID: id})
				if archived || len(waiting) == 0 {
					m.says(answer, "refused")
					return
				}
				waiting = waiting[1:]
				changed(answer)
			},
			"change with less than was uploaded": func(*rapid.T) {
				sum := upload(content, source)
				sum.Chunks--
				m.says(m.command(ChangeMembersType, ChangeMembers{Group: 9, Op: events.OpAdd, Upload: sum}), "refused")
			},
			"rebuild": func(*rapid.T) {
				answer := m.command(RebuildGroupType, RebuildGroup{Group: 9})
				switch {
				case archived || kind[1] != "local":
					m.says(answer, "refused")
				case building || rebuilding:
					m.says(answer, "noop")
				default:
					m.says(answer, "ok")
					rebuilding = true
				}
			},
			"fail": func(*rapid.T) {
				answer := m.command(FailGroupType, FailGroup{Group: 9, Reason: "gone"})
				if archived {
					m.says(answer, "refused")
					return
				}
				m.says(answer, "ok")
				building, rebuilding = false, false
			},
			"archive": func(rt *rapid.T) {
				if rapid.IntRange(0, 4).Draw(rt, "rarely") > 0 {
					return
				}
				want := "ok"
				if archived {
					want = "noop"
				}
				m.says(m.command(ArchiveGroupType, ArchiveGroup{Group: 9}), want)
				archived = true
			},
			"again": func(*rapid.T) { m.again() },
			"": func(rt *rapid.T) { // every upload that is completed was used by exactly one answer
				used := map[string]int{}
				for _, e := range m.log(m.subj) {
					switch p, _ := m.catalog.Decode(e); p := p.(type) {
					case *events.GroupMembersChanged:
						used[p.UploadID]++
					case *events.GroupResolveRequested:
						used[p.UploadID]++
					}
				}
				for i := range m.count {
					id := fmt.Sprintf("m%d", i+1)
					last, err := m.store.Last(m.ctx, events.EventSubject("demo", aggUpload, id))
					completed := err == nil && last.Type == events.TypeUploadCompleted
					if n := used[id]; n > 1 || completed != (n == 1) {
						rt.Fatalf("upload %s: completed %v, used %d times", id, completed, n)
					}
				}
			},
		})
	})
}
