import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blank, bodyOf, dataOf, draftOf, faults, keysIn, pageOf, same } from './draft'
import { fill, fillPage, isName, names, parts } from './fill'
import { body } from './post'

test('a page opens with values that add nothing to its address', () => {
  const values = { at: '../x?y', id: '42', name: `a&admin=1#x 武"\n~/(!'*)` }
  expect(fillPage('pages/{{at}}?id={{id}}&name={{name}}', values)).toBe('pages/../x%3Fy?id=42&name=a%26admin%3D1%23x%20%E6%AD%A6%22%0A~%2F%28%21%27%2A%29')
  expect(fillPage('{{at}}#{{at}}', { at: 'a/b' })).toBe('a/b#a%2Fb')
  expect(fillPage('pages/index?of={{who}}', {})).toBe('pages/index?of=[who]')
  expect(fillPage('{{half}}', { half: '😀'.slice(0, 1) })).toBe('%EF%BF%BD')
})

test("only WeChat's messages open a page", () => {
  expect(pageOf({ ...blank, page: ' pages/index ' })).toBe('pages/index')
  expect(pageOf({ ...blank, channel: 'webhook', page: 'pages/index' })).toBe('')
  expect(pageOf({ channel: 'wechat' })).toBe('')
})

test('places are filled in as the server does it', () => {
  const values = { name: '"Ann"', city: '武汉', user_id: '18446744073709551615' }
  expect(fill('{{name}}, {{city}} {{user_id}} {{name}} {one}', values)).toBe('"Ann", 武汉 18446744073709551615 "Ann" {one}')
  expect(fill('{{x}} {{name}}', { name: 'Ann' })).toBe('[x] Ann')
  expect(fill('{{name}}', { name: '' })).toBe('')
  expect(fill('{{name}}', { name: '{{city}} $1 $&', city: 'no' })).toBe('{{city}} $1 $&')
  expect(fill('{{toString}} {{constructor}}', {})).toBe('[toString] [constructor]')
})

test('a torn text shows as it is from the tear on', () => {
  expect(parts('a {{b}} {{c')).toEqual({ parts: [{ literal: 'a ' }, { name: 'b' }, { literal: ' {{c' }], torn: 'open' })
  expect(parts('a }} {{b}}').torn).toBe('closed')
  expect(parts('{{a{{b}}}}').torn).toBe('open')
  expect(parts('{{}}').torn).toBe('name')
  expect(parts('{{{a}}}').torn).toBe('open')
})

test('names come once, in order', () => {
  expect(names(['{{b}} {{a}}', '{{a}}{{c.d}}'])).toEqual(['b', 'a', 'c.d'])
  expect(isName('a'.repeat(64))).toBe(true)
  expect([isName('a'.repeat(65)), isName(''), isName('a b'), isName('é')]).toEqual([false, false, false, false])
})

test('text → parts → text is the identity', () => {
  const piece = fc.oneof(fc.string({ unit: fc.constantFrom('{', '}', 'a', '字', ' ', '.') }), fc.constantFrom('{{a}}', '{{user_id}}', '{{', '}}'))
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('')
      const back = parts(text).parts.map((p) => ('name' in p ? `{{${p.name}}}` : p.literal))
      expect(back.join('')).toBe(text)
    }),
  )
})

describe('drafts', () => {
  const template = { id: 'a', channel: 'wechat', provider_template_id: 't', data: { time2: 'x', thing1: 'y' }, created_at: '', updated_at: '', seq: 1 }

  test('only what the channel has is sent', () => {
    const d = { ...draftOf(template), url: 'https://x', page: ' ' }
    expect(bodyOf(d)).toEqual({ channel: 'wechat', name: undefined, provider_template_id: 't', page: undefined, data: { thing1: 'y', time2: 'x' } })
    expect(bodyOf({ ...d, channel: 'webhook' })).toEqual({ channel: 'webhook', name: undefined, url: 'https://x', data: { thing1: 'y', time2: 'x' } })
  })

  test('the order of rows is no change, a row is', () => {
    const d = draftOf(template)
    expect(d.rows.map((r) => r.key)).toEqual(['thing1', 'time2'])
    expect(same(d, { ...d, rows: [...d.rows].reverse() })).toBe(true)
    expect(same(d, { ...d, rows: [...d.rows, { key: '', text: '' }] })).toBe(false)
    expect(same(d, { ...d, name: 'x' })).toBe(false)
    expect(dataOf([undefined, { key: 'a' }, { text: 'b' }])).toEqual({ a: '' })
  })

  test('faults are the server’s', () => {
    expect([faults.id('ready-1'), faults.id('A b')?.why, faults.id('-a')?.why, faults.id('a'.repeat(65))?.why]).toEqual([undefined, 'id', 'id', 'id'])
    expect(['', 'ftp://example.com', 'example.com', 'https://', 'https:/x'].map((u) => faults.url(u)?.why)).toEqual(['url', 'url', 'url', 'url', 'url'])
    expect([faults.url('https://u:p@example.com')?.why, faults.url('https://example.com/in')]).toEqual(['password', undefined])
    expect([faults.page('https://x')?.why, faults.page('{{a')?.why, faults.page('pages/index')]).toEqual(['scheme', 'open', undefined])
    expect([faults.provider(' ')?.why, faults.provider('t1')]).toEqual(['required', undefined])
    expect([faults.key('wechat', 'thing', [])?.why, faults.key('webhook', 'a b', [])?.why, faults.key('webhook', 'a', ['a', 'a'])?.why]).toEqual(['key', 'field', 'twice'])
    expect([faults.text('webhook', 'a', ''), faults.text('webhook', 'a', 'x\ny')?.why, faults.text('wechat', 'thing1', 'a\tb')?.why, faults.text('webhook', 'a', 'x'.repeat(2001))?.why]).toEqual([undefined, 'control', 'control', 'limit'])
    expect(bodyOf(blank).channel).toBe('wechat')
  })

  test('keywords are found in what WeChat’s console shows', () => {
    expect(keysIn('活动名称\n{{thing1.DATA}}\n时间 {{ time2.DATA }} {{thing1.DATA}} {{name}}')).toEqual(['thing1', 'time2'])
  })
})

test('a webhook gets its fields in order, and the id as text', () => {
  const sent = body({ id: 'h', channel: 'webhook', data: { b: '{{x}}', a: 'Hi {{user_id}}' } }, { user_id: '18446744073709551615', x: '"' })
  expect(JSON.stringify(sent)).toBe('{"user_id":"18446744073709551615","data":{"a":"Hi 18446744073709551615","b":"\\""}}')
})
