import { expect, test } from 'vitest'
import { masked } from './mask'

test.each([
  ['13800000001', '138****0001'],
  ['8613812345678', '86138****5678'],
  ['12125550100', '121****0100'],
  ['12345678', '****5678'],
  ['123456', '****56'],
  ['123', '****23'],
  ['12', '****'],
])('%s is shown as %s', (phone, shown) => expect(masked(phone)).toBe(shown))
