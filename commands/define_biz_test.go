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
