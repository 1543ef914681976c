// What a campaign is doing, of what it and its books say. They are answered apart from each other, and either may be late.
import type { Report } from '../../api/client'

/** How far a campaign is; it never goes back. */
const stages = [['created'], ['freezing'], ['sending', 'paused'], ['completed', 'cancelled', 'failed']]
const stage = (status: string) => stages.findIndex((s) => s.includes(status))

/** Whether what was answered is older than another answer. */
export const isBehind = (status: string | undefined, than: string | undefined): boolean => status !== undefined && than !== undefined && stage(status) < stage(than)

export type Known = { seq: number | string; status: string }

/** Whether more is known of a campaign than was: what went wrong when something was asked of it then is the past. */
export const isNews = (now: Known, then: Known | undefined): boolean => then !== undefined && (now.status !== then.status || BigInt(now.seq) > BigInt(then.seq))

/** Whether a campaign with this status does nothing more. */
export const isOver = (status: string): boolean => stage(status) === 3

/** Why nobody is in an audience: undefined while it may still be gathered. */
export const nobody = (status: string) => (status === 'completed' ? 'campaigns.nobody' : isOver(status) ? 'campaigns.stopped' : undefined)

/** said is the campaign's status. "Completed" is said beside closed books only. */
export function statusOf(said: string, books: Pick<Report, 'status' | 'audience' | 'pending'> | undefined): string {
  if (!books) return said
  if (said === 'completed') return isOver(books.status) ? books.status : 'sending'
  const filling = Number(books.pending) < Number(books.audience)
  const seen = filling && isBehind(books.status, 'sending') ? 'sending' : books.status
  return isBehind(said, seen) ? seen : said
}
