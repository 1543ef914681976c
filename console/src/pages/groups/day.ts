// Days as a product line counts them: in its own time zone, wherever the browser is.
const day = 86_400_000 // milliseconds, of days in UTC

/** The day of a moment in a zone, as 2026-03-01. */
export function dayOf(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at)
  const part = (type: string) => parts.find((p) => p.type === type)?.value
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** Milliseconds that the clocks of a zone are ahead of UTC. */
function ahead(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' }).formatToParts(at)
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - Math.floor(at / 1000) * 1000
}

/** The last millisecond of a day, such as 2026-03-01, in a zone. */
export function endOf(date: string, zone: string): Date {
  const midnight = Date.parse(date) + day // were the zone UTC
  // Where clocks change that night, midnight may come twice, or not at all: the next day begins at only one of these.
  const may = [midnight - ahead(midnight - day, zone), midnight - ahead(midnight + day, zone)]
  const begin = may.find((at) => dayOf(at, zone) > date && dayOf(at - 1, zone) <= date) ?? (may[0] as number)
  return new Date(begin - 1)
}

/** How many days from now a moment is, as the calendar of a zone counts them. */
export function daysUntil(iso: string, zone: string, now = Date.now()): number {
  return (Date.parse(dayOf(Date.parse(iso), zone)) - Date.parse(dayOf(now, zone))) / day
}
