import { expect, test } from 'vitest'
import { add, dissolve, type DraftList, draftOf, find, fresh, keep, move, negate, parent, remove, treeOf, wrap } from './draft'
import { parse, text } from './grammar'

const draft = (src: string) => draftOf(parse(src))
const said = (d: DraftList) => {
  const tree = treeOf(d)
  return tree ? text(tree) : ''
}
/** The key of the clause that says this. */
function keyOf(d: DraftList, src: string): string {
  const walk = (c: DraftList | DraftList['of'][number]): string | undefined => {
    const tree = treeOf(c)
    if (tree && text(tree) === src) return c.key
    return 'of' in c ? c.of.map(walk).find((k) => k !== undefined) : undefined
  }
  const key = walk(d)
  if (!key) throw new Error(`no clause says ${src}`)
  return key
}

test.each([
  'group(12)', 'not tag(1)', 'not not tag(1)', 'not (tag(1) or tag(2))', 'tag(1) or tag(2) and not (tag(3) or group(18446744073709551615))',
  'orders(days=2, product=7, product_group=8, until=2024-02-29) <= 3', '(tag(1) and tag(2)) and tag(3)',
])('a draft says what it was made of: %s', (src) => expect(said(draft(src))).toBe(src))

test('what says nothing yet is left out', () => {
  const d = add(draft('tag(1)'), '', fresh('tag'))
  expect(said(d)).toBe('tag(1)')
  let root = draftOf(undefined)
  expect(said(root)).toBe('')
  for (const kind of ['group', 'tag', 'any'] as const) root = add(root, root.key, fresh(kind))
  expect(said(root)).toBe('')
  expect(said(add(root, root.key, fresh('orders')))).toBe('orders(days=30) >= 1')
})

test('a clause is negated, and back', () => {
  const d = draft('tag(1) and tag(2)')
  const not = negate(d, keyOf(d, 'tag(2)'))
  expect(said(not)).toBe('tag(1) and not tag(2)')
  expect(said(negate(not, keyOf(not, 'not tag(2)')))).toBe('tag(1) and tag(2)')
  expect(said(negate(d, d.key))).toBe('not (tag(1) and tag(2))')
})

test('a clause is removed; a list that is left alone stays without it', () => {
  const d = draft('tag(1) and (tag(2) or tag(3))')
  expect(said(remove(d, keyOf(d, 'tag(2)')))).toBe('tag(1) and tag(3)')
  expect(said(remove(d, keyOf(d, 'tag(2) or tag(3)')))).toBe('tag(1)')
})

test('down and up go through every place there is', () => {
  let d = draft('tag(9) and (tag(1) or tag(2)) and tag(3)')
  const key = keyOf(d, 'tag(9)')
  const down = [
    '(tag(9) or tag(1) or tag(2)) and tag(3)', '(tag(1) or tag(9) or tag(2)) and tag(3)', '(tag(1) or tag(2) or tag(9)) and tag(3)',
    '(tag(1) or tag(2)) and tag(9) and tag(3)', '(tag(1) or tag(2)) and tag(3) and tag(9)',
  ]
  for (const want of down) {
    d = move(d, key, 1)
    expect(said(d)).toBe(want)
  }
  expect(move(d, key, 1)).toBe(d)
  for (const want of [...down.slice(0, -1).reverse(), 'tag(9) and (tag(1) or tag(2)) and tag(3)']) {
    d = move(d, key, -1)
    expect(said(d)).toBe(want)
  }
  expect(move(d, key, -1)).toBe(d)
})

test('a clause gets a list of its own, of the other kind, and loses it', () => {
  const d = draft('tag(1) and tag(2)')
  const wrapped = wrap(d, keyOf(d, 'tag(1)'))
  const own = parent(wrapped, keyOf(d, 'tag(1)'))
  expect(own?.kind).toBe('any')
  expect(said(add(wrapped, own?.key ?? '', { ...fresh('tag'), id: '7' } as never))).toBe('(tag(1) or tag(7)) and tag(2)')
  expect(dissolve(wrapped, own?.key ?? '')).toEqual(d)
  expect(find(wrapped, keyOf(d, 'tag(2)'))).toBeDefined()
})

test('a draft that follows the text keeps what has not changed', () => {
  const before = draft('tag(1) and (tag(2) or tag(3)) and tag(4)')
  const next = keep(draft('tag(1) and (tag(2) or tag(33)) and tag(4)'), before)
  expect(said(next)).toBe('tag(1) and (tag(2) or tag(33)) and tag(4)')
  expect(next.key).toBe(before.key)
  expect(next.of[0]).toBe(before.of[0])
  expect(next.of[2]).toBe(before.of[2])
  expect(next.of[1]?.key).toBe(before.of[1]?.key)
  expect(keep(draft('tag(1) and (tag(2) or tag(3)) and tag(4)'), before)).toBe(before)
  const keys = (d: DraftList): string[] => d.of.flatMap((c) => [c.key, ...('of' in c ? keys(c) : [])])
  const other = keep(draft('orders(days=1) > 1 or not (tag(1) and tag(2)) or tag(4) or tag(5)'), before)
  expect(said(other)).toBe('orders(days=1) > 1 or not (tag(1) and tag(2)) or tag(4) or tag(5)')
  expect(new Set(keys(other)).size).toBe(keys(other).length)
})
