import { expect, test } from 'vitest'
import { itemsOf, leftOf } from './pasted'

test('ids stand between spaces and signs', () => {
  expect(itemsOf(' 1 2\t3,4;5，6；7、8\r\n\r\n9 ', false)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
  expect(itemsOf(' \n,', false)).toEqual([])
})

test('phones keep their spaces', () => {
  expect(itemsOf('+86 138 0000 0001\n138 0000 0002, (212) 555-0100；13800000003、13800000004\t13800000005', true)).toEqual([
    '+86 138 0000 0001', '138 0000 0002', '(212) 555-0100', '13800000003', '13800000004', '13800000005',
  ])
  expect(itemsOf('+86\u00a0138\u30000000  0001', true)).toEqual(['+86 138 0000 0001'])
  expect(itemsOf(' \r\n ; ', true)).toEqual([])
})

test('what was refused is left, and everything where not every refusal is told', () => {
  const items = ['1', 'a', '2', 'b']
  expect(leftOf(items, { rejected: [{ line: 2 }, { line: 4 }], rejected_count: 2 })).toEqual({ text: 'a\nb', all: false })
  expect(leftOf(items, { rejected: [], rejected_count: '0' })).toEqual({ text: '', all: false })
  expect(leftOf(items, { rejected: [{ line: 2 }], rejected_count: '2' })).toEqual({ text: '1\na\n2\nb', all: true })
  expect(leftOf(items, { rejected: null, rejected_count: 2 })).toEqual({ text: '1\na\n2\nb', all: true })
})
