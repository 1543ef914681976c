// When to ask again for what has changed: in rounds, one at a time. Between two of them there is a pause, at
// least as long as the last one took, so that slow answers make for fewer questions.
import type { Event } from './client'

/** What was heard since the last round. */
export type News = {
  /** Which aggregates, and of which kinds; 'books' for a campaign's counts. */
  ids: ReadonlySet<string>
  kinds: ReadonlySet<string>
  /** Up to which sequence of the log. */
  seq?: string
  /** The connection was not there: who knows what happened before it was opened. */
  missed: boolean
  /** What was answered since this time knows of it all; without a time nothing surely does. */
  before?: number
}

type Kind = 'event' | 'books' | 'open'

/** Whether a message of the stream is about one of these: kinds of aggregates, types of events, or 'books'. */
export function concerns(of: readonly string[], kind: Kind, what: unknown): boolean {
  if (kind === 'open') return true
  if (kind === 'books') return of.includes('books')
  const { aggregate, type } = what as Event
  return of.includes(aggregate) || of.includes(type)
}

function told(kind: Kind, what: unknown): News {
  if (kind === 'open') return { ids: new Set(), kinds: new Set(), seq: String((what as { seq: number | string }).seq), missed: true, before: Date.now() }
  if (kind === 'books') return { ids: new Set(), kinds: new Set(['books']), missed: false }
  const { aggregate, aggregate_id, seq } = what as Event
  return { ids: new Set([String(aggregate_id)]), kinds: new Set([aggregate]), seq: String(seq), missed: false }
}

const joined = (a: News | undefined, b: News): News =>
  a
    ? {
        ids: new Set([...a.ids, ...b.ids]),
        kinds: new Set([...a.kinds, ...b.kinds]),
        seq: b.seq ?? a.seq,
        missed: a.missed || b.missed,
        before: a.before === undefined || b.before === undefined ? undefined : Math.max(a.before, b.before),
      }
    : b

const longest = 30_000 // milliseconds of a pause, however long a round took
const retry = 5_000 // and of the one before a round that failed is tried once more

export class Rounds {
  private news?: News
  private due?: ReturnType<typeof setTimeout>
  private retry?: ReturnType<typeof setTimeout>
  private tried = false // once more, since something was heard
  private stops = 0
  private running = false
  private rested = 0 // when the pause after the last round is over

  /** pause is how many milliseconds news wait at the least, for others to come. */
  constructor(
    private readonly round: (news: News) => unknown,
    private readonly pause: number,
  ) {}

  hear(kind: Kind, what: unknown): void {
    this.news = joined(this.news, told(kind, what))
    this.tried = false
    if (!this.running) this.plan() // what is heard during a round is for the next one
  }

  stop(): void {
    this.stops++
    this.clear()
    this.news = undefined
  }

  private clear(): void {
    clearTimeout(this.due)
    clearTimeout(this.retry)
    this.due = this.retry = undefined
  }

  private plan(): void {
    this.due ??= setTimeout(() => void this.go(), Math.max(this.pause, this.rested - Date.now()))
  }

  private async go(): Promise<void> {
    const { news, stops } = this
    this.clear()
    this.news = undefined
    if (!news) return
    this.running = true
    const began = Date.now()
    const good = await Promise.resolve(news).then(this.round).then(() => true, () => false)
    const now = Date.now()
    this.running = false
    this.rested = now + Math.min(longest, now - began)
    if (this.news) this.plan()
    if (good || stops !== this.stops) return
    this.news = this.news ? joined(news, this.news) : news // whatever comes next tries again
    if (this.due || this.tried) return
    this.tried = true
    this.retry = setTimeout(() => void this.go(), retry)
  }
}
