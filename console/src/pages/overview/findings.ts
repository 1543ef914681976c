// What needs somebody's attention, out of what there is.
import type { Campaign, Group, Projection, Report } from '../../api/client'
import type { Word } from '../../i18n'

export type Finding = { key: string; type: 'error' | 'warning'; word: Word; values: Record<string, string>; since?: string; to: string }

const long = 10 * 60_000 // milliseconds that building a group or an audience should not take
const silence = 2 * 60_000 // after which a campaign should have sent something

type There = { projections: Projection[]; failed: Group[]; building: Group[]; campaigns: Campaign[]; reports: Record<string, Report | undefined> }

/** Findings of a product line, the worst first. */
export function findings(there: There, now = Date.now()): Finding[] {
  const older = (iso: string | null | undefined, ms: number) => !!iso && now - Date.parse(iso) > ms
  const out: Finding[] = []
  for (const p of there.projections)
    if (p.error) out.push({ key: `p${p.name}`, type: 'error', word: 'overview.stopped', values: { name: p.name, why: p.error }, to: 'operations?tab=projections' })
  for (const g of there.failed)
    out.push({ key: `g${g.id}`, type: 'error', word: 'overview.failedGroup', values: { name: g.name, why: g.reason ?? '' }, to: `groups/${g.id}` })
  for (const c of there.campaigns) {
    const one = { key: `c${c.id}`, values: { name: c.name, why: c.reason ?? '', channel: c.channel ?? '' }, to: `campaigns/${c.id}` }
    const since = c.started_at ?? c.created_at
    const report = there.reports[String(c.id)]
    const none = report && Number(report.sent) + Number(report.failed) + Number(report.skipped) + Number(report.unknown) === 0
    if (c.status === 'failed' && !older(c.completed_at ?? since, 24 * 3_600_000)) out.push({ ...one, type: 'error', word: 'overview.failedCampaign' })
    if (c.status === 'paused') out.push({ ...one, type: 'warning', word: 'overview.pausedCampaign' })
    if (c.status === 'freezing' && older(since, long)) out.push({ ...one, type: 'warning', word: 'overview.slowFreeze', since })
    if (c.status === 'sending' && none && Number(report.audience) > 0 && older(since, silence)) out.push({ ...one, type: 'warning', word: 'overview.silent', since })
  }
  for (const g of there.building)
    if (older(g.updated_at, long)) out.push({ key: `b${g.id}`, type: 'warning', word: 'overview.slowGroup', values: { name: g.name }, since: g.updated_at, to: `groups/${g.id}` })
  return out.sort((a, b) => Number(a.type === 'warning') - Number(b.type === 'warning'))
}
