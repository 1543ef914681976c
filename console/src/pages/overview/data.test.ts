import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { about } = await import('./data')

test('only what news are about is asked for again', () => {
  const of = (...kinds: string[]) => about({ kinds: new Set(kinds), missed: false })
  expect(of('campaign')).toEqual(['totals', 'campaigns'])
  expect(of('group', 'campaign')).toEqual(['totals', 'groups', 'campaigns'])
  expect(of('template')).toEqual(['totals'])
  expect(about({ kinds: new Set(), missed: true })).toEqual(['totals', 'groups', 'campaigns'])
})
