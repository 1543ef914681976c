import { expect, test } from 'vitest'
import type { Campaign, Group, Projection, Report } from '../../api/client'
import { findings } from './findings'

const now = Date.parse('2026-01-01T12:00:00Z')
const old = '2026-01-01T11:00:00Z'
const fresh = '2026-01-01T11:59:30Z'
const campaign = (id: number, status: string, started_at: string) => ({ id, name: `c${id}`, status, started_at, created_at: old, completed_at: null }) as Campaign
const group = (id: number, updated_at: string) => ({ id, name: `g${id}`, updated_at }) as Group
const report = (sent: number) => ({ sent, failed: 0, skipped: 0, unknown: 0, audience: 9 }) as Report

test('what stands still is found, and what moves is not', () => {
  const found = findings(
    {
      projections: [{ name: 'sets', error: 'no space left' }, { name: 'groups' }] as Projection[],
      failed: [group(1, fresh)],
      building: [group(2, old), group(3, fresh)],
      campaigns: [
        campaign(1, 'paused', fresh), campaign(2, 'sending', old), campaign(3, 'sending', old), campaign(4, 'sending', fresh), campaign(5, 'freezing', old),
        campaign(6, 'freezing', fresh), campaign(7, 'failed', fresh), { ...campaign(8, 'failed', old), completed_at: '2025-12-30T00:00:00Z' },
      ],
      reports: { 2: report(0), 3: report(1), 4: report(0) },
    },
    now,
  )
  expect(found.map((f) => [f.type, f.key])).toEqual([
    ['error', 'psets'], ['error', 'g1'], ['error', 'c7'], ['warning', 'c1'], ['warning', 'c2'], ['warning', 'c5'], ['warning', 'b2'],
  ])
})
