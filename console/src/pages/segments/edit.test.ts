import { expect, test } from 'vitest'
import { add, change, type Draft, draftOf, type DraftOrders, type DraftSet, fresh, isWhole, remove } from './draft'
import { begin, built, type Edit, follow } from './edit'
import { parse } from './grammar'

const last = (e: Edit) => e.draft.of.at(-1) as Draft
const orders = (e: Edit, of: Partial<DraftOrders>, wrong?: string) => built(e, change(e.draft, { ...(last(e) as DraftOrders), ...of }), wrong)

const beyond = [-3, 0, 1.6, 3661, 99999, 1e20, '1e3', '0x1f', '３', '+1', '3-', 'seven', ''].map((days) => ({ days: String(days) }))
const unfinished: Partial<DraftOrders>[] = [
  ...beyond, { n: '' }, { n: '-3' }, { n: '1.6' }, { n: '1000000001' }, { n: '5,' },
  { product: 'P101' }, { product: '-1' }, { product: '1.0' }, { product: '18446744073709551616' }, { product_group: '12 13' },
  { until: '2026-13-4x' }, { until: '2026-11' }, { until: '2023-02-29' }, { until: '1969-12-31' }, { until: '2200-01-01' }, { until: '2024-2-9' },
]
test.each(unfinished)('what is no whole number within limits leaves the text as it was, and is not lost: %o', (of) => {
  const start = begin(parse('tag(1) and not orders(days=3) >= 5'))
  const { edit, write } = orders(start, of)
  expect(write).toBeUndefined()
  expect(isWhole(edit.draft)).toBe(false)
  expect(last(edit)).toMatchObject(of)
  expect(follow(edit, parse('tag(1) and not orders(days=3) >= 5'))).toBe(edit)
  expect(orders(edit, { days: '3', n: '5', product: '', product_group: '', until: '' })).toEqual({ edit: start })
  expect(orders(edit, { days: '7', n: '2', product: '', product_group: '', until: '' }).write).toBe('tag(1) and not orders(days=7) >= 2')
  expect(built(edit, remove(edit.draft, last(edit).key)).write).toBe('tag(1)')
})

const finished: [Partial<DraftOrders>, string][] = [
  [{ days: ' 7 ' }, 'orders(days=7) >= 5'], [{ days: '3660', n: '1000000000' }, 'orders(days=3660) >= 1000000000'], [{ n: '00' }, 'orders(days=3) >= 0'],
  [{ product: ' 101 ' }, 'orders(days=3, product=101) >= 5'], [{ product_group: '18446744073709551615' }, 'orders(days=3, product_group=18446744073709551615) >= 5'],
  [{ until: ' 2024-02-29 ' }, 'orders(days=3, until=2024-02-29) >= 5'],
]
test.each(finished)('whole numbers within limits are what the text says: %o', (of, text) => {
  const { edit, write } = orders(begin(parse('orders(days=3) >= 5')), of)
  expect(write).toBe(text)
  expect(isWhole(edit.draft)).toBe(true)
  expect(follow(edit, parse(text))).toBe(edit) // what is typed stays as it was typed
})

test.each(['group', 'tag', 'any'] as const)('a new %s says nothing until it is finished, nor does what else changes meanwhile', (kind) => {
  const start = begin(parse('tag(1) and tag(2)'))
  const clause = fresh(kind)
  const added = built(start, add(start.draft, start.draft.key, clause))
  expect(added.write).toBeUndefined()
  expect(isWhole(added.edit.draft)).toBe(false)
  const second = added.edit.draft.of[1] as DraftSet
  const changed = built(added.edit, change(added.edit.draft, { ...second, id: '3' }))
  expect(changed.write).toBeUndefined()
  const removed = built(changed.edit, remove(changed.edit.draft, clause.key))
  expect(removed.write).toBe('tag(1) and tag(3)')
  expect(isWhole(removed.edit.draft)).toBe(true)
})

test('the builder follows a text that says something else, and leaves be what is being built otherwise', () => {
  const start = begin(parse('tag(1)'))
  const adding = built(start, add(start.draft, start.draft.key, fresh('tag'))).edit
  expect(follow(adding, parse(' TAG( 1 ) '))).toBe(adding)
  const other = follow(adding, parse('tag(2)'))
  expect(isWhole(other.draft)).toBe(true)
  expect(other.said).toBe('tag(2)')
  expect(follow(other, undefined).draft.of).toEqual([])
})

test('a wrong text stays until something whole is built, and can be put back', () => {
  const start = begin(undefined)
  const adding = built(start, add(start.draft, start.draft.key, fresh('tag')), 'tag(1) and')
  expect(adding.write).toBeUndefined()
  expect(built(adding.edit, { ...adding.edit.draft, kind: 'any' }, 'tag(1) and').write).toBeUndefined()
  expect(built(adding.edit, remove(adding.edit.draft, last(adding.edit).key), 'tag(1) and').write).toBeUndefined()
  const chosen = built(adding.edit, change(adding.edit.draft, { ...(last(adding.edit) as DraftSet), id: '7' }), 'tag(1) and')
  expect(chosen).toMatchObject({ write: 'tag(7)', edit: { lost: 'tag(1) and' } })
  const more = built(chosen.edit, add(chosen.edit.draft, chosen.edit.draft.key, fresh('orders')))
  expect(more).toMatchObject({ write: 'tag(7) and orders(days=30) >= 1', edit: { lost: 'tag(1) and' } })
  expect(follow(more.edit, parse('tag(9)')).lost).toBeUndefined()
})

test('what the text says is whole', () => {
  for (const src of ['orders(days=3660) = 0', 'not (tag(1) or orders(days=1, until=2024-02-29) < 1000000000)', 'group(18446744073709551615)']) expect(isWhole(draftOf(parse(src)))).toBe(true)
  expect(isWhole(draftOf(undefined))).toBe(true)
})
