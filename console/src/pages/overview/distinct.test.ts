import { expect, test } from 'vitest'
import { distinct } from './distinct'

test('what moved from one list to another between two answers is there once', () => {
  const sending = { at: 2, items: [{ id: 1, status: 'sending' }, { id: '2', status: 'sending' }] }
  const freezing = { at: 1, items: [{ id: 2, status: 'freezing' }, { id: 3, status: 'freezing' }] }
  expect(distinct([sending, freezing]).map((c) => `${c.id} ${c.status}`).sort()).toEqual(['1 sending', '2 sending', '3 freezing'])
})
