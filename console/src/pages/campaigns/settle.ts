// The list of recipients once sending ends: what was pending has its outcome.
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query'
import { again, few } from '../../api/again'
import type { Page, Recipient } from '../../api/client'
import { answered } from '../../ui/patience'

type List = InfiniteData<Page<Recipient>, string | undefined>

/** A page as it is now, within the ids that it spans: those behind are of the next page. */
function renewed(old: Page<Recipient>, now: Page<Recipient>): Page<Recipient> {
  const last = old.next ? old.items.at(-1) : undefined
  return last ? { ...old, items: now.items.filter((r) => BigInt(r.user_id) <= BigInt(last.user_id)) } : now
}

async function whole(client: QueryClient, queryKey: QueryKey): Promise<void> {
  await again(client, { queryKey, exact: true })
  const error = client.getQueryState(queryKey)?.error
  if (error) throw error
}

/**
 * Asks again for the list; of a long one only for the pages on which somebody was pending. Nothing else will ask for
 * them, so a server that is away is waited for, until the signal.
 */
export async function settle(client: QueryClient, queryKey: QueryKey, ask: (cursor?: string, signal?: AbortSignal) => Promise<Page<Recipient>>, signal: AbortSignal): Promise<void> {
  const list = client.getQueryData<List>(queryKey)
  if (!list || list.pages.length <= few) return answered(() => whole(client, queryKey), signal)
  for (const [i, page] of list.pages.entries()) {
    if (!page.items.some((r) => r.status === 'pending')) continue
    const now = await answered(() => ask(list.pageParams[i], signal), signal)
    client.setQueryData<List>(queryKey, (is) => is && { ...is, pages: is.pages.map((p, at) => (at === i ? renewed(p, now) : p)) })
  }
}
