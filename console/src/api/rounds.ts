// When to ask again for what has changed: in rounds, one at a time. Between two of them there is a pause, at
// least as long as the last one took, so that slow answers make for fewer questions.
import type { Event } from './client'

/** What was heard since the last round: which aggregates, and up to which sequence of the log. */
export type News = { ids: ReadonlySet<string>; seq?: string; /** The connection was away: who knows what happened. */ missed: boolean }

type Kind = 'event' | 'books' | 'open'

/** Whether a message of the stream is about one of these: kinds of aggregates, types of events, or 'books'. */
export function concerns(of: readonly string[], kind: Kind, what: unknown): boolean {
  if (kind === 'open') return true
  if (kind === 'books') return of.includes('books')
  const { aggregate, type } = what as Event
  return of.includes(aggregate) || of.includes(type)
}

function told(kind: Kind, what: unknown): News {
  const event = kind === 'event' ? (what as Event) : undefined
  return { ids: new Set(event && [String(event.aggregate_id)]), seq: event && String(event.seq), missed: kind === 'open' }
}

const joined = (a: News | undefined, b: News): News => (a ? { ids: new Set([...a.ids, ...b.ids]), seq: b.seq ?? a.seq, missed: a.missed || b.missed } : b)

const longest = 30_000 // milliseconds of a pause, however long a round took

export class Rounds {
  private news?: News
  private due?: ReturnType<typeof setTimeout>
  private running = false
  private rested = 0 // when the pause after the last round is over

  /** pause is how many milliseconds news wait at the least, for others to come. */
  constructor(
    private readonly round: (news: News) => unknown,
    private readonly pause: number,
  ) {}

  hear(kind: Kind, what: unknown): void {
    this.news = joined(this.news, told(kind, what))
    if (!this.running) this.plan() // what is heard during a round is for the next one
  }

  stop(): void {
    clearTimeout(this.due)
    this.due = this.news = undefined
  }

  private plan(): void {
    this.due ??= setTimeout(() => void this.go(), Math.max(this.pause, this.rested - Date.now()))
  }

  private async go(): Promise<void> {
    const { news } = this
    this.due = this.news = undefined
    if (!news) return
    this.running = true
    const began = Date.now()
    const good = await Promise.resolve(news).then(this.round).then(() => true, () => false)
    const now = Date.now()
    this.running = false
    this.rested = now + Math.min(longest, now - began)
    if (this.news) this.plan()
    if (!good) this.news = this.news ? joined(news, this.news) : news // whatever comes next tries again
  }
}
