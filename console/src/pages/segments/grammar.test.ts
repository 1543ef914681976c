import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical, GrammarError, limits, parse, type Tree, text } from './grammar'
import { words } from './grammar_words'
import { comparisons } from './tree'

// The cases that the Go parser is held to, too.
type Grammar = {
  limits: Record<string, number>
  valid: { name: string; texts: string[]; text: string; json: string }[]
  invalid_text: { name: string; text: string; offset: number; line: number; column: number; says: string }[]
  repeat_text: { name: string; open: string; times: number; inner: string; close: string; refused: boolean; says: string }[]
}
const grammar = JSON.parse(readFileSync(new URL('../../../../segments/testdata/grammar.json', import.meta.url), 'utf8')) as Grammar

const english = (word: keyof typeof words, values: Record<string, string | number> = {}) =>
  words[word][0].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all))

function refusal(src: string): GrammarError {
  try {
    parse(src)
  } catch (e) {
    if (e instanceof GrammarError) return e
    throw e
  }
  throw new Error(`not refused: ${src}`)
}

test('the limits are those of the server', () => expect(limits).toEqual(grammar.limits))

describe('valid', () => {
  test.each(grammar.valid)('$name', (c) => {
    for (const src of [...c.texts, c.text]) {
      const tree = parse(src)
      expect(text(tree)).toBe(c.text)
      expect(JSON.stringify(tree)).toBe(c.json)
    }
    expect(text(JSON.parse(c.json) as Tree)).toBe(c.text)
  })
})

describe('invalid', () => {
  test.each(grammar.invalid_text)('$name', (c) => {
    const e = refusal(c.text)
    expect(e.say(english)).toContain(c.says)
    expect(e.at).toMatchObject({ offset: c.offset, line: c.line, column: c.column })
    expect(e.say((word, values) => words[word][1].replace(/\{(\w+)\}/g, (all, name: string) => String(values?.[name] ?? all)))).not.toMatch(/\{\w+\}/)
  })
})

describe('limits', () => {
  test.each(grammar.repeat_text)('$name', (c) => {
    const src = c.open.repeat(c.times) + c.inner + c.close.repeat(c.times)
    if (c.refused) expect(refusal(src).say(english)).toContain(c.says)
    else expect(parse(text(parse(src)))).toEqual(parse(src))
  })
  test('one byte too many', () => expect(refusal(' '.repeat(limits.bytes) + 'x').key).toBe('large'))
  test('21 different order clauses', () => {
    const e = refusal(Array.from({ length: 21 }, (_, i) => `orders(days=${i + 1}) > 1`).join(' or '))
    expect(e.key).toBe('orders')
    expect(e.at?.column).toBe('orders(days=1) > 1 or '.length * 9 + 'orders(days=10) > 1 or '.length * 11 + 1)
  })
  test('operators count, too', () => {
    const src = Array.from({ length: 251 }, () => 'not tag(1)').join(' or ')
    expect(refusal(src)).toMatchObject({ key: 'many', at: { index: src.length - 'tag(1) or not tag(1)'.length } })
  })
})

const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((n) => (n < 2n ** 53n ? Number(n) : String(n)))
const day = fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true }).map((d) => d.toISOString().slice(0, 10))
const orders = fc
  .record({ days: fc.integer({ min: 1, max: limits.days }), product: fc.option(id), product_group: fc.option(id), until: fc.option(day) })
  .chain((o) =>
    fc.tuple(fc.constantFrom(...Object.keys(comparisons)), fc.integer({ min: 0, max: limits.count })).map(
      ([c, n]) => ({ orders: { ...Object.fromEntries(Object.entries(o).filter(([, v]) => v !== null)), [c]: n } }) as unknown as Tree,
    ),
  )
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.oneof(id.map((group) => ({ group })), fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((tag) => ({ tag })), orders),
    fc.array(tie('tree'), { minLength: 2, maxLength: 4 }).map((all) => ({ all })),
    fc.array(tie('tree'), { minLength: 2, maxLength: 4 }).map((any) => ({ any })),
    tie('tree').map((not) => ({ not })),
  ),
}))
const within = (n: Tree) => {
  const all = JSON.stringify(n)
  return (all.match(/"orders"/g) ?? []).length <= limits.orders && (all.match(/"(orders|group|tag|all|any|not)":/g) ?? []).length <= limits.nodes
}

test('tree to text to tree to text is the identity', () =>
  fc.assert(
    fc.property(tree.filter(within), (n) => {
      const written = text(n)
      const back = parse(written)
      expect(back).toEqual(n)
      expect(text(back)).toBe(written)
      expect(JSON.stringify(back)).toBe(JSON.stringify(canonical(n)))
    }),
    { numRuns: 500 },
  ))

test('whatever is typed is a tree or refused at a place within', () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('group(1)', 'tag', '(', ')', ' and ', ' or ', 'not ', 'orders(', 'days=', '2', ',', '>', '=', 'until=2024-02-29', 'é', '😀', '\n'), { maxLength: 12 }).map((x) => x.join('')),
      (src) => {
        try {
          const n = parse(src)
          expect(parse(text(n))).toEqual(n)
        } catch (e) {
          if (!(e instanceof GrammarError) || !e.at) throw e
          expect(e.at.index).toBeLessThanOrEqual(src.length)
          expect(e.at.offset).toBe(new TextEncoder().encode(src.slice(0, e.at.index)).length)
        }
      },
    ),
    { numRuns: 500 },
  ))
