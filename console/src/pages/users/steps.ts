// The steps from an audience to a message, and how far one user came: what each says, without its words.
import type { Campaign, Why } from '../../api/client'
import type { Word } from '../../i18n'

export type Said = { word: Word; values?: Record<string, string> }
export type Step = { name: Word; state: 'finish' | 'error' | 'wait' | 'process'; says: Word; notes: Said[] }
export type Account = { verdict: Word; kind: 'success' | 'error' | 'warning' | 'info'; steps: [Step, Step, Step] }

const ended = ['cancelled', 'failed', 'completed']

/** time is when the audience was fixed, as people read it; '' when nobody knows. */
export function account(c: Pick<Campaign, 'status'>, w: Why, time: string): Account {
  const audience = audienceOf(c, w, time)
  if (!w.frozen) {
    const over = ended.includes(c.status)
    return {
      verdict: over ? 'users.why.never' : 'users.why.tooEarly',
      kind: over ? 'warning' : 'info',
      steps: [audience, step('users.why.turn', 'wait', over ? 'users.why.turnEnded' : 'users.why.turnLater'), step('users.why.outcome', 'wait', over ? 'users.why.outcomeNone' : 'users.why.outcomeWaits')],
    }
  }
  if (!w.in_audience)
    return { verdict: 'users.why.outside', kind: 'warning', steps: [audience, step('users.why.turn', 'wait', 'users.why.turnNever'), step('users.why.outcome', 'wait', 'users.why.outcomeNone')] }
  return { ...ending(c, w), steps: [audience, turnOf(c, w), outcomeOf(w)] }
}

function step(name: Word, state: Step['state'], says: Word, notes: Said[] = []): Step {
  return { name, state, says, notes }
}

function audienceOf(c: Pick<Campaign, 'status'>, w: Why, time: string): Step {
  const now = w.clauses?.[0]?.holds
  if (!w.frozen) {
    if (ended.includes(c.status)) return step('users.why.audience', 'error', 'users.why.open', [{ word: 'users.why.endedBefore' }])
    if (c.status !== 'created') return step('users.why.audience', 'process', 'users.why.open', [{ word: 'users.why.gathering' }])
    return step('users.why.audience', 'wait', 'users.why.open', now === undefined ? [] : [{ word: now ? 'users.why.draftIn' : 'users.why.draftOut' }])
  }
  const notes: Said[] = [time ? { word: 'users.why.fixedAt', values: { time } } : { word: 'users.why.fixed' }]
  if (now !== undefined && now !== w.in_audience) notes.push({ word: now ? 'users.why.nowIn' : 'users.why.nowOut' })
  return step('users.why.audience', w.in_audience ? 'finish' : 'error', w.in_audience ? 'users.why.in' : 'users.why.out', notes)
}

function turnOf(c: Pick<Campaign, 'status'>, w: Why): Step {
  if (w.status === 'pending') return step('users.why.turn', 'process', c.status === 'paused' ? 'users.why.turnPaused' : 'users.why.turnWaits')
  if (w.status === 'skipped') return step('users.why.turn', 'error', w.code === 'cancelled' ? 'users.why.turnEnded' : 'users.why.turnSkipped')
  return step('users.why.turn', 'finish', 'users.why.turnCame', [{ word: 'users.why.turnBatch', values: { n: String(w.range ?? 0) } }])
}

function outcomeOf(w: Why): Step {
  switch (w.status) {
    case 'sent':
      return step('users.why.outcome', 'finish', 'status.sent', [{ word: 'users.why.sentNote' }])
    case 'failed':
      return step('users.why.outcome', 'error', 'status.failed')
    case 'unknown':
      return step('users.why.outcome', 'error', 'status.unknown', [{ word: 'users.why.unknownNote' }])
    case 'skipped':
      return step('users.why.outcome', 'error', 'users.why.outcomeNone')
    default:
      return step('users.why.outcome', 'wait', 'users.why.outcomeWaits')
  }
}

function ending(c: Pick<Campaign, 'status'>, w: Why): Pick<Account, 'verdict' | 'kind'> {
  switch (w.status) {
    case 'sent':
      return { verdict: 'users.why.got', kind: 'success' }
    case 'failed':
      return { verdict: 'users.why.failed', kind: 'error' }
    case 'unknown':
      return { verdict: 'users.why.unknown', kind: 'warning' }
    case 'skipped':
      return { verdict: w.code === 'cancelled' ? 'users.why.never' : 'users.why.skipped', kind: 'warning' }
    default:
      return { verdict: c.status === 'cancelled' ? 'users.why.never' : 'users.why.pending', kind: 'info' }
  }
}
