import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { merged } = await import('./feed')
type List = import('./feed').List

const group = (id: number | string, name = 'old') => ({ id, name }) as List['pages'][number]['items'][number]
const names = (list: List) => list.pages.map((p) => p.items.map((g) => `${g.id} ${g.name}`))

test('changed groups change in their places, new ones come in front', () => {
  const list: List = { pages: [{ items: [group(9), group(8)], next: '8' }, { items: [group(7), group(3)] }], pageParams: [undefined, '8'] }
  const now = merged(list, [group('9007199254740999', 'big'), group(10, 'new'), group(9, 'top')], [group(3, 'changed')])
  expect(names(now)).toEqual([['9007199254740999 big', '10 new', '9 top', '8 old'], ['7 old', '3 changed']])
  expect(now.pages[0]?.next).toBe('8')
  expect(names(list)[0]).toEqual(['9 old', '8 old'])
})

test('an empty list takes what is new', () => {
  expect(names(merged({ pages: [{ items: [] }], pageParams: [undefined] }, [group(1, 'new')], []))).toEqual([['1 new']])
  expect(merged({ pages: [], pageParams: [] }, [], []).pages).toEqual([])
})
