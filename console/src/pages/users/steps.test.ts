import { expect, test } from 'vitest'
import type { Why } from '../../api/client'
import { translate, words } from '../../i18n/words'
import { account } from './steps'

const one = (holds: boolean) => [{ text: 'tag(1)', kind: 'tag' as const, depth: 1, holds, decides: true }]
const why = (w: Partial<Why>): Why => ({ user_id: 42, frozen: true, in_audience: true, status: 'pending', range: 3, clauses: one(true), ...w })

const cases: [string, string, Partial<Why>, string, string[]][] = [
  ['sent', 'completed', { status: 'sent' }, 'users.why.got', ['users.why.in', 'users.why.turnCame', 'status.sent']],
  ['refused', 'completed', { status: 'failed', code: '43101' }, 'users.why.failed', ['users.why.in', 'users.why.turnCame', 'status.failed']],
  ['skipped', 'completed', { status: 'skipped', code: 'no_openid' }, 'users.why.skipped', ['users.why.in', 'users.why.turnSkipped', 'users.why.outcomeNone']],
  ['cancelled', 'cancelled', { status: 'skipped', code: 'cancelled' }, 'users.why.never', ['users.why.in', 'users.why.turnEnded', 'users.why.outcomeNone']],
  ['unknown', 'completed', { status: 'unknown' }, 'users.why.unknown', ['users.why.in', 'users.why.turnCame', 'status.unknown']],
  ['waiting', 'sending', {}, 'users.why.pending', ['users.why.in', 'users.why.turnWaits', 'users.why.outcomeWaits']],
  ['paused', 'paused', {}, 'users.why.pending', ['users.why.in', 'users.why.turnPaused', 'users.why.outcomeWaits']],
  ['outside', 'completed', { in_audience: false, status: 'not_in_audience', clauses: one(false) }, 'users.why.outside', ['users.why.out', 'users.why.turnNever', 'users.why.outcomeNone']],
  ['a draft', 'created', { frozen: false, in_audience: false, status: 'not_in_audience' }, 'users.why.tooEarly', ['users.why.open', 'users.why.turnLater', 'users.why.outcomeWaits']],
  ['gathering', 'freezing', { frozen: false, in_audience: false, status: 'not_in_audience' }, 'users.why.tooEarly', ['users.why.open', 'users.why.turnLater', 'users.why.outcomeWaits']],
  ['over before', 'failed', { frozen: false, in_audience: false, status: 'not_in_audience' }, 'users.why.never', ['users.why.open', 'users.why.turnEnded', 'users.why.outcomeNone']],
]

test.each(cases)('%s', (_, status, w, verdict, says) => {
  const got = account({ status }, why(w), 'noon')
  expect(got.verdict).toBe(verdict)
  expect(got.steps.map((s) => s.says)).toEqual(says)
  for (const s of got.steps)
    for (const word of [s.name, s.says, ...s.notes.map((n) => n.word)]) {
      expect(words[word], word).toBeDefined()
      const values = s.notes.find((n) => n.word === word)?.values
      expect(translate('zh', word, values)).not.toContain('{')
    }
})

test('what changed since the launch is said', () => {
  const notes = (w: Partial<Why>) => account({ status: 'completed' }, why({ status: 'sent', ...w }), '').steps[0].notes.map((n) => n.word)
  expect(notes({})).toEqual(['users.why.fixed'])
  expect(notes({ clauses: one(false) })).toEqual(['users.why.fixed', 'users.why.nowOut'])
  expect(notes({ in_audience: false, clauses: one(true) })).toEqual(['users.why.fixed', 'users.why.nowIn'])
  expect(notes({ clauses: null })).toEqual(['users.why.fixed'])
})
