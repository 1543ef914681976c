import { expect, test } from 'vitest'
import { filtersOf, noFilters, paramsOf } from './filters'

test('filters stand in the address, and come back from it', () => {
  const some = { ...noFilters, kind: 'group', id: '12', type: 'group.created', since: '2026-01-01T00:00:00.000Z' }
  for (const f of [noFilters, some, { ...noFilters, system: true, kind: 'key' }]) expect(filtersOf(new URLSearchParams(paramsOf(f)))).toEqual(f)
  expect(paramsOf(noFilters)).toEqual({ tab: 'audit' })
})
