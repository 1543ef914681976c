import { expect, test } from 'vitest'
import type { Report } from '../../api/client'
import { isBehind, isNews, nobody, statusOf } from './status'

const books = (status: string, audience: number | string = 0, pending: number | string = audience) => ({ status, audience, pending }) as unknown as Report

test.each([
  ['created', undefined, 'created'],
  ['created', books('created'), 'created'],
  ['created', books('freezing'), 'freezing'],
  ['freezing', books('created'), 'freezing'],
  ['freezing', books('freezing', 100), 'freezing'],
  ['freezing', books('freezing', 100, 99), 'sending'],
  ['freezing', books('sending', '100', '95'), 'sending'],
  ['freezing', books('completed'), 'completed'], // nobody was in the audience
  ['sending', books('completed', 100, 0), 'completed'],
  ['paused', books('sending', 100, 50), 'paused'],
  ['sending', books('paused', 100, 50), 'sending'],
  ['cancelled', books('sending', 100, 50), 'cancelled'],
  ['completed', undefined, 'completed'],
  ['completed', books('completed', 100, 0), 'completed'],
  ['completed', books('sending', 100, 5), 'sending'], // "completed" is said beside closed books only
  ['completed', books('freezing'), 'sending'],
])('a campaign that says %s beside books %o is %s', (said, report, is) => expect(statusOf(said, report)).toBe(is))

test('an answer is behind another that knows of more', () => {
  expect(isBehind('freezing', 'completed')).toBe(true)
  expect(isBehind('created', 'freezing')).toBe(true)
  for (const [status, than] of [['sending', 'freezing'], ['sending', 'paused'], ['completed', 'completed'], ['cancelled', 'completed'], [undefined, 'sending'], ['sending', undefined]]) expect(isBehind(status, than)).toBe(false)
})

test('that nobody was in the audience is said when it is over', () => {
  expect(['created', 'freezing', 'sending', 'paused', 'completed', 'cancelled', 'failed'].map(nobody)).toEqual([undefined, undefined, undefined, undefined, 'campaigns.nobody', 'campaigns.stopped', 'campaigns.stopped'])
})

test('what went wrong is the past once more is known of the campaign', () => {
  const then = { seq: '9007199254740993', status: 'sending' }
  expect(isNews(then, undefined)).toBe(false)
  expect(isNews({ ...then }, then)).toBe(false)
  expect(isNews({ seq: '9007199254740992', status: 'sending' }, then)).toBe(false) // an older answer, come late
  expect(isNews({ seq: '9007199254740994', status: 'sending' }, then)).toBe(true)
  expect(isNews({ ...then, status: 'completed' }, then)).toBe(true)
})
