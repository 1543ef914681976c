package segments

import "time"

// Window returns the time that an order clause covers, from (inclusive) to to
// (exclusive), in UTC: Days calendar days of the zone, the last of which is
// Until, or the day that now falls on. A day begins at the first moment that
// the zone's clocks show its date, so it may be 23 or 25 hours long, and not
// begin at midnight where clocks jump over midnight.
func (n Orders) Window(zone *time.Location, now time.Time) (from, to time.Time) {
	last := dateOf(now.In(zone))
	if n.Until != nil {
		last = *n.Until
	}
	return startOfDay(last.addDays(1-n.Days), zone), startOfDay(last.addDays(1), zone)
}

// startOfDay is the first moment, in UTC, that clocks in the zone show d or,
// where the zone left d out, a later day.
func startOfDay(d Date, zone *time.Location) time.Time {
	midnight := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	// Offsets lie within 26 hours of UTC, and what holds from before the day
	// to after it, changes included, is all that can show its first moment.
	begin, end := midnight.Add(-30*time.Hour), midnight.Add(30*time.Hour)
	for t := begin; ; {
		_, offset := t.In(zone).Zone()
		_, change := t.In(zone).ZoneBounds()
		first := midnight.Add(-time.Duration(offset) * time.Second)
		if first.Before(t) {
			first = t // the zone's clocks jumped over midnight
		}
		if (change.IsZero() || first.Before(change)) && !dateOf(first.In(zone)).before(d) {
			return first.UTC()
		}
		if change.IsZero() || change.After(end) {
			return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone).UTC() // not reached: some stretch holds the day
		}
		t = change
	}
}
