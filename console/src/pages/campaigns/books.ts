// A campaign's books as they come, without being asked for.
import type { QueryClient, QueryKey } from '@tanstack/react-query'
import type { Report } from '../../api/client'
import type { Books } from '../../api/live'

type Counts = Pick<Report, 'sent' | 'failed' | 'skipped' | 'unknown'>

/** Users who have their outcome: they only become more. */
const done = (of: Counts) => Number(of.sent) + Number(of.failed) + Number(of.skipped) + Number(of.unknown)

/** Whether books that came may stand in the place of those that are there. */
export const mayReplace = (got: Counts, there: Counts | undefined) => there === undefined || done(got) >= done(there)

/** Takes books as the report under this key. What was asked before them would be answered with older ones. */
export async function takeBooks(client: QueryClient, queryKey: QueryKey, { campaign_id: _, ...got }: Books & Report): Promise<void> {
  const isNewer = () => mayReplace(got, client.getQueryData<Report>(queryKey))
  if (!isNewer()) return
  await client.cancelQueries({ queryKey, exact: true })
  if (isNewer()) client.setQueryData<Report>(queryKey, got)
}
