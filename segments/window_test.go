package segments

import (
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, now string
		days            int
		until           string
		from, to        string
	}{
		{"today only", "Asia/Shanghai", "2024-01-31T15:59:59Z", 1, "", "2024-01-30T16:00:00Z", "2024-01-31T16:00:00Z"},
		{"a second later it is tomorrow", "Asia/Shanghai", "2024-01-31T16:00:00Z", 1, "", "2024-01-31T16:00:00Z", "2024-02-01T16:00:00Z"},
		{"since yesterday", "Europe/Berlin", "2024-06-15T12:00:00Z", 2, "", "2024-06-13T22:00:00Z", "2024-06-15T22:00:00Z"},
		{"a day of 23 hours", "America/New_York", "2024-03-10T12:00:00Z", 1, "", "2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z"},
		{"a day of 25 hours", "America/New_York", "2024-11-03T12:00:00Z", 1, "", "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z"},
		{"across the change", "Europe/Berlin", "2024-04-01T12:00:00Z", 3, "", "2024-03-29T23:00:00Z", "2024-04-01T22:00:00Z"},
		{"until a day that is past", "Europe/Berlin", "2024-08-01T12:00:00Z", 2, "2024-10-27", "2024-10-25T22:00:00Z", "2024-10-27T23:00:00Z"},
		{"over a leap day", "UTC", "2024-03-01T00:00:00Z", 3, "", "2024-02-28T00:00:00Z", "2024-03-02T00:00:00Z"},
		{"ten years", "Asia/Shanghai", "2024-03-01T00:00:00Z", 3660, "2024-02-29", "2014-02-21T16:00:00Z", "2024-02-29T16:00:00Z"},
		{"clocks jump over midnight", "America/Sao_Paulo", "2018-11-04T12:00:00Z", 1, "", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		{"the day before that", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 1, "", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z"},
		{"midnight comes twice", "America/Havana", "2024-11-03T12:00:00Z", 1, "", "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z"},
		{"clocks go back at midnight", "America/Sao_Paulo", "2019-02-16T12:00:00Z", 1, "", "2019-02-16T02:00:00Z", "2019-02-17T03:00:00Z"},
		{"a day that was left out", "Pacific/Apia", "2012-01-05T12:00:00Z", 1, "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"the day after it", "Pacific/Apia", "2012-01-05T12:00:00Z", 1, "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"half hours", "Asia/Kolkata", "2024-01-01T18:30:00Z", 1, "", "2024-01-01T18:30:00Z", "2024-01-02T18:30:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			n := Orders{Days: c.days}
			if c.until != "" {
				d, msg := parseDate(c.until)
				if msg != "" {
					t.Fatal(msg)
				}
				n.Until = &d
			}
			from, to := n.Window(zone(t, c.zone), now)
			if f, g := from.Format(time.RFC3339), to.Format(time.RFC3339); f != c.from || g != c.to {
				t.Errorf("got %s to %s, want %s to %s", f, g, c.from, c.to)
			}
		})
	}
}

// TestEveryMomentIsInItsDay compares windows of one day with what the zone's
// clocks show, minute by minute around every change of offset in some years.
func TestEveryMomentIsInItsDay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/New_York", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/Havana",
		"Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Africa/Cairo", "Asia/Beirut", "Pacific/Kiritimati", "America/Asuncion"} {
		loc := zone(t, name)
		end := time.Date(2025, 1, 1, 0, 0, 0, 0, loc)
		for change := time.Date(2009, 1, 1, 0, 0, 0, 0, loc); change.Before(end); {
			for m := -2 * 1440; m < 2*1440; m += 15 {
				checkDay(t, loc, change.Add(time.Duration(m)*time.Minute))
			}
			_, next := change.ZoneBounds()
			if next.IsZero() {
				break
			}
			change = next
		}
	}
}

func checkDay(t *testing.T, loc *time.Location, at time.Time) {
	t.Helper()
	day := dateOf(at.In(loc))
	from, to := Orders{Days: 1, Until: &day}.Window(loc, at)
	if at.Before(from) || !at.Before(to) {
		t.Fatalf("%s is not in %s to %s", at.In(loc), from.In(loc), to.In(loc))
	}
	if first := dateOf(from.In(loc)); first != day || dateOf(from.Add(-1).In(loc)) == day {
		t.Fatalf("%s is not the first moment of %s in %s", from, day, loc)
	}
}
