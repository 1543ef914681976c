import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { lookAgain } = await import('./read')

test('a campaign is looked at while it may change', () => {
  expect(lookAgain('sending', undefined, undefined)).toBeGreaterThan(0)
  expect(lookAgain('created', undefined, undefined)).toBe(false)
  expect(lookAgain('created', '7', undefined)).toBeGreaterThan(0) // launched, it was heard, and nothing was answered since
  expect(lookAgain('created', '7', '7')).toBe(false)
  expect(lookAgain('completed', '9', '9')).toBe(false)
  expect(lookAgain(undefined, '7', undefined)).toBe(false) // there is no such campaign
  expect(lookAgain('created', '7', '7', 'freezing')).toBeLessThan(lookAgain('sending', '7', '7', 'sending') || 0)
  expect(lookAgain('completed', '7', '7', 'sending')).toBe(false)
})
