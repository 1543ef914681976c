package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestDefineBiz(t *testing.T) {
	s := newStage(t, newMemory())
	then(t, s.do(DefineBizType, "", DefineBiz{Name: "Demo", Timezone: "Asia/Shanghai"}), events.BizDefined{Name: "Demo", Timezone: "Asia/Shanghai"})
	ignored(t, s.do(DefineBizType, "", DefineBiz{Name: "Demo", Timezone: "Asia/Shanghai"}), DefineBizType)
	then(t, s.do(DefineBizType, "", DefineBiz{Name: "Demo 2", Timezone: "UTC"}), events.BizDefined{Name: "Demo 2", Timezone: "UTC"})

	refused(t, s.do(DefineBizType, "", DefineBiz{Timezone: "UTC"}), fault.Invalid, "name")
	refused(t, s.do(DefineBizType, "", DefineBiz{Name: "a\nb", Timezone: "UTC"}), fault.Invalid, "name")
	refused(t, s.do(DefineBizType, "", DefineBiz{Name: string(make([]byte, 201)), Timezone: "UTC"}), fault.Invalid, "name")
	for _, zone := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "localtime", "posixrules", "Factory",
		"right/UTC", "posix/UTC", "posix/Asia/Shanghai", "zone.tab", "Asia", "Asia/", "/Asia/Shanghai", "asia/shanghai", "Asia/../UTC", "UTC "} {
		refused(t, s.do(DefineBizType, "", DefineBiz{Name: "Demo", Timezone: zone}), fault.Invalid, "timezone")
	}
	for _, zone := range []string{"Etc/UTC", "GMT", "PRC", "US/Eastern", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+8"} {
		then(t, s.do(DefineBizType, "", DefineBiz{Name: "Demo", Timezone: zone}), events.BizDefined{Name: "Demo", Timezone: zone})
	}
}

func TestDefineBizOnCondition(t *testing.T) {
	s := newStage(t, newMemory())
	define := func(name string, onlyNew bool, ifSeq uint64) []any {
		t.Helper()
		return s.do(DefineBizType, "", DefineBiz{Name: name, Timezone: "UTC", OnlyNew: onlyNew, IfSeq: ifSeq})
	}
	last := func() uint64 { return s.log(events.EventSubject("demo", aggBiz, "demo"))[0].Seq }

	refused(t, define("a", false, 7), fault.Changed, "") // there is none
	s = newStage(t, newMemory())
	then(t, define("a", true, 0), events.BizDefined{Name: "a", Timezone: "UTC"})
	first := last()
	refused(t, define("b", true, 0), fault.Changed, "biz")
	refused(t, define("a", true, 0), fault.Changed, "biz") // even the same
	refused(t, define("b", false, first+1), fault.Changed, "")
	ignored(t, define("a", false, first), DefineBizType)
	then(t, define("b", false, first), events.BizDefined{Name: "b", Timezone: "UTC"}) // refusals and what changed nothing do not count
	refused(t, define("c", false, first), fault.Changed, "")
	then(t, define("c", false, 0), events.BizDefined{Name: "c", Timezone: "UTC"}) // who asks for nothing replaces
	refused(t, define("", true, 0), fault.Invalid, "name")                        // what is wrong is said first
}

// Two services decide at once: one of two who make the same product line is told that there is one.
func TestTwoMakeOneProductLine(t *testing.T) {
	t.Parallel()
	store := newMemory()
	one, other := newStage(t, store), newStage(t, store)
	// The second decides while the first has decided and not yet appended.
	other.seq = 200
	var between []any
	one.service.opt.Store = beforeAppend{store, func() {
		if between == nil {
			between = other.do(DefineBizType, "", DefineBiz{Name: "Theirs", Timezone: "UTC", OnlyNew: true})
		}
	}}
	refused(t, one.do(DefineBizType, "", DefineBiz{Name: "Mine", Timezone: "Asia/Shanghai", OnlyNew: true}), fault.Changed, "biz")
	then(t, between, events.BizDefined{Name: "Theirs", Timezone: "UTC"})
}
