// How many messages a second are sent, from the counts that come as campaigns send. They come in steps of
// hundreds, so a rate is always that of the last ten seconds.
import type { Books } from '../../api/live'

const window = 10_000 // milliseconds that a rate is taken over
const least = 5_000 // of which a campaign's first rate is taken: less would make a peak of one step
export const shown = 120 // seconds that are kept

type Step = { at: number; id: string; n: number }

export class Meter {
  private last = new Map<string, { sent: number; since: number }>()
  private steps: Step[] = []
  private began: number

  constructor(now: number) {
    this.began = now
  }

  /** Takes a campaign's counts. The first ones say where it stands; later ones what was sent since. */
  add(books: Pick<Books, 'campaign_id' | 'sent'>, at: number): void {
    const id = String(books.campaign_id)
    const sent = Number(books.sent)
    const before = this.last.get(id)
    this.last.set(id, { sent: Math.max(sent, before?.sent ?? 0), since: before?.since ?? at })
    if (before && sent > before.sent) this.steps.push({ at, id, n: sent - before.sent })
    while (this.steps[0] && this.steps[0].at < at - 1000 * shown - window) this.steps.shift()
  }

  /** Nothing was heard for a while: what was sent meanwhile was sent nobody knows when. */
  resume(now: number): void {
    this.last.clear()
    this.steps = []
    this.began = now
  }

  /** Messages per second at a moment, of one campaign or of all. */
  rate(at: number, only?: string): number {
    let sum = 0
    for (const s of this.steps) {
      if (s.at <= at - window || s.at > at || (only !== undefined && s.id !== only)) continue
      const known = at - (this.last.get(s.id)?.since ?? at)
      sum += (1000 * s.n) / Math.min(window, Math.max(least, known))
    }
    return sum
  }

  /** The rate at every second until now; null before anybody looked. */
  line(now: number): (number | null)[] {
    return Array.from({ length: shown + 1 }, (_, i) => {
      const at = now - 1000 * (shown - i)
      return at < this.began ? null : this.rate(at)
    })
  }
}
