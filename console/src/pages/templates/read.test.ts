import { matchQuery, QueryClient } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import type { Wanted } from './read'

vi.stubGlobal('window', { location: { origin: 'http://muster' } })
const { filledOf, templateOf } = await import('./read')

test.each(['list', 'choices', 'one', 'filled', 'preview'])('a template called %s is taken for nothing else', (id) => {
  const client = new QueryClient()
  const others = [
    ['templates', 'shop', 'list', '', ''],
    ['templates', 'shop', 'choices'],
    templateOf('shop', 'other').queryKey,
    filledOf('shop', { id: 'other', user: '1', variables: {} }).queryKey,
    filledOf('shop', { id, user: '1', variables: {} }).queryKey,
  ]
  for (const key of others) client.setQueryData(key as readonly unknown[], 'another')
  expect(client.getQueryData(templateOf('shop', id).queryKey)).toBeUndefined()
  expect(client.getQueryCache().getAll().filter((q) => matchQuery({ queryKey: templateOf('shop', id).queryKey }, q))).toEqual([])
})

test('what another user, other texts, another page or other variables would get is asked anew', () => {
  const wanted: Wanted[] = [
    { id: 'a', user: '1', variables: {} },
    { id: 'a', user: '2', variables: {} },
    { id: 'b', user: '1', variables: {} },
    { id: 'a', user: '1', variables: { name: 'x' } },
    { id: 'a', user: '1', variables: {}, data: { thing1: 'x' } },
    { id: 'a', user: '1', variables: {}, data: { thing1: 'x' }, page: 'pages/index?of={{user_id}}' },
  ]
  const keys = wanted.map((w) => JSON.stringify(filledOf('shop', w).queryKey))
  expect(new Set(keys).size).toBe(keys.length)
})
