import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { campaignKey, lookAgain, renew, reportKey } = await import('./read')

test('a campaign is looked at while it may change', () => {
  expect(lookAgain('sending', undefined, undefined)).toBeGreaterThan(0)
  expect(lookAgain('created', undefined, undefined)).toBe(false)
  expect(lookAgain('created', '7', undefined)).toBeGreaterThan(0) // launched, it was heard, and nothing was answered since
  expect(lookAgain('created', '7', '7')).toBe(false)
  expect(lookAgain('completed', '9', '9')).toBe(false)
  expect(lookAgain(undefined, '7', undefined)).toBe(false) // there is no such campaign
  expect(lookAgain('created', '7', '7', 'freezing')).toBeLessThan(lookAgain('sending', '7', '7', 'sending') || 0)
  expect(lookAgain('completed', '7', '7', 'sending')).toBe(false)
})

/** A campaign and its report as they are on a page, answered at these times; asked are the sequences that the questions named. */
function shown(at: { one: number; report: number }) {
  const client = new QueryClient()
  const heard: { current: string | undefined } = { current: undefined }
  const asked: [string, string | undefined][] = []
  for (const [what, queryKey] of [['one', campaignKey('demo', '7')], ['report', reportKey('demo', '7')]] as const) {
    client.setQueryData(queryKey, 'old', { updatedAt: at[what] })
    const queryFn = async () => (asked.push([what, heard.current]), 'new')
    new QueryObserver(client, { queryKey, queryFn, staleTime: Infinity }).subscribe(() => {})
  }
  return { client, heard, asked }
}
const of = (...ids: string[]) => ({ ids: new Set(ids), kinds: new Set(['campaign']) })

test('what was heard is known before anything is asked, also where more was missed', async () => {
  for (const missed of [false, true]) {
    const { client, heard, asked } = shown({ one: 1, report: 1 })
    await renew(client, 'demo', '7', { ...of('7'), seq: '12', missed }, heard)
    expect(asked).toEqual([['one', '12'], ['report', '12']])
    client.clear()
  }
})

test('after an opening only what was answered before it is asked for, and what was heard stays', async () => {
  const { client, heard, asked } = shown({ one: 1_000, report: 2_000 })
  heard.current = '9'
  await renew(client, 'demo', '7', { ...of(), missed: true, before: 1_500 }, heard)
  expect(asked).toEqual([['one', '9']])
  client.clear()
})

test('news of others are none', async () => {
  const { client, heard, asked } = shown({ one: 1, report: 1 })
  await renew(client, 'demo', '7', { ...of('8'), seq: '12', missed: false }, heard)
  expect([asked, heard.current]).toEqual([[], undefined])
  client.clear()
})
