package main

import "testing"

// The product line that a first start makes takes the machine's zone only where that is a
// name: the command would refuse what only this machine knows, and nobody would be told.
func TestLocalZone(t *testing.T) {
	for tz, want := range map[string]string{
		"Asia/Shanghai": "Asia/Shanghai", "": "UTC", "UTC": "UTC", "Local": "UTC", "localtime": "UTC", "posixrules": "UTC",
		"right/UTC": "UTC", "posix/Asia/Shanghai": "UTC", "/etc/localtime": "UTC", "Factory": "UTC",
	} {
		t.Setenv("TZ", tz)
		if got := localZone(); got != want {
			t.Errorf("TZ=%q: %q, want %q", tz, got, want)
		}
	}
}
