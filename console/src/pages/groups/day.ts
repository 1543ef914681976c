// Days as a product line counts them: in its own time zone, wherever the browser is.
const day = 86_400_000 // milliseconds, of days in UTC

const clocks = new Map<string, Intl.DateTimeFormat>() // by zone: making one takes longer than reading it often

/** The clock of a zone; of one that this browser does not know, the browser's own. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known) return known
  const clock = (timeZone?: string) =>
    new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
  let made: Intl.DateTimeFormat
  try {
    made = clock(zone)
  } catch {
    made = clock()
  }
  clocks.set(zone, made)
  return made
}

/** What the clock of a zone shows at a moment, such as the hour. */
function shown(at: number, zone: string): (type: Intl.DateTimeFormatPartTypes) => string {
  const parts = clockOf(zone).formatToParts(at)
  return (type) => parts.find((p) => p.type === type)?.value ?? ''
}

/** The day of a moment in a zone, as 2026-03-01. */
export function dayOf(at: number, zone: string): string {
  const part = shown(at, zone)
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** Milliseconds that the clocks of a zone are ahead of UTC. */
function ahead(at: number, zone: string): number {
  const part = shown(at, zone)
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(part(type))
  return Date.UTC(number('year'), number('month') - 1, number('day'), number('hour'), number('minute'), number('second')) - Math.floor(at / 1000) * 1000
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
