import { expect, test } from 'vitest'
import { asks, guard, letGo } from './guards'

const words = (title: 'leave.title' | 'upload.leave') => ({ title, text: 'leave.unsaved', leave: 'leave.leave', stay: 'leave.stay' }) as const

test('nothing asks while nothing would be lost', () => {
  expect(asks()).toBeUndefined()
  const end = guard({ words: words('leave.title'), allow: () => {} })
  end()
  end()
  expect(asks()).toBeUndefined()
})

test('the newest of what would be lost asks, and all of it is let go', () => {
  const gone: string[] = []
  const ends = (['leave.title', 'upload.leave'] as const).map((title) => guard({ words: words(title), allow: () => void gone.push(title) }))
  expect(asks()?.title).toBe('upload.leave')
  letGo()
  expect(gone).toEqual(['leave.title', 'upload.leave'])
  ends[1]?.()
  expect(asks()?.title).toBe('leave.title')
  ends[0]?.()
  expect(asks()).toBeUndefined()
})
