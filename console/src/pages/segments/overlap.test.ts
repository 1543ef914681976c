import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, type Tree, text } from './grammar'
import { overlapOf, parts, preorder, regions } from './overlap'

const of = (src: string) => parts(parse(src))

test('two clauses are asked for as they are, more as chains that pass every intersection', () => {
  expect(text(overlapOf(of('tag(1) or tag(2)'))?.tree as Tree)).toBe('tag(1) and tag(2)')
  expect(text(overlapOf(of('tag(1) and tag(2) and not tag(3)'))?.tree as Tree)).toBe(
    '(tag(1) and tag(2)) and not tag(3) or tag(2) and not tag(3) or not tag(3) and tag(1)',
  )
})

test('what is too much is not asked for', () => {
  expect(overlapOf(of('tag(1)'))).toBeUndefined()
  expect(overlapOf(of('tag(1) or tag(2) or tag(3) or tag(4) or tag(5)'))).toBeUndefined()
  const wide = `(${Array.from({ length: 20 }, (_, i) => `tag(${i + 1})`).join(' or ')})`
  expect(overlapOf(of(`${wide} and ${wide} and ${wide}`))).toBeUndefined()
})

// Users are drawn as bits: which clauses hold for each.
test('the regions are what a count of every user gives', () =>
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 4 }), fc.array(fc.nat({ max: 15 }), { maxLength: 60 }), (n, users) => {
      const clauses: Tree[] = Array.from({ length: n }, (_, i) => ({ tag: i + 1 }))
      const asked = overlapOf(clauses)
      if (!asked) throw new Error('not asked')
      const holds = (node: Tree, user: number): boolean =>
        'tag' in node ? (user & (1 << (node.tag - 1))) !== 0 : 'all' in node ? node.all.every((c) => holds(c, user)) : 'any' in node && node.any.some((c) => holds(c, user))
      const counts = preorder(asked.tree).map((node) => users.filter((u) => holds(node, u)).length)
      const whole = (1 << n) - 1
      for (const { set, users: got } of regions(asked, counts)) {
        expect(got).toBe(BigInt(users.filter((u) => (u & whole) === set).length))
      }
      const inAny = users.filter((u) => (u & whole) !== 0).length
      expect(regions(asked, counts).reduce((sum, r) => sum + r.users, 0n)).toBe(BigInt(inAny))
    }),
  ))
