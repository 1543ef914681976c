import { expect, test } from 'vitest'
import { newGate } from './gate'

test('what is under way is not started again', async () => {
  const gate = newGate()
  const ends: (() => void)[] = []
  const started: string[] = []
  const start = (name: string, fails = false) => gate(() => (started.push(name), new Promise<void>((resolve, reject) => ends.push(fails ? reject : resolve))))
  start('click', true)
  start('the second of a double click')
  expect(started).toEqual(['click'])
  ends[0]?.()
  await Promise.resolve()
  start('again, after it failed')
  expect(started).toEqual(['click', 'again, after it failed'])
  ends[1]?.()
  await Promise.resolve()
  start('more')
  expect(started).toHaveLength(3)
})
