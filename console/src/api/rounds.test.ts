import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { concerns, type News, Rounds } from './rounds'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const event = (aggregate: string, aggregate_id: string, seq: number, type = `${aggregate}.changed`) => ({ aggregate, aggregate_id, seq, type })

/** Rounds that end when they are told to. */
function held(pause = 500) {
  const heard: News[] = []
  const ends: ((e?: Error) => void)[] = []
  const rounds = new Rounds((news) => {
    heard.push(news)
    return new Promise<void>((resolve, reject) => ends.push((e) => (e ? reject(e) : resolve())))
  }, pause)
  return { rounds, heard, end: async (e?: Error) => (ends.shift()?.(e), await vi.advanceTimersByTimeAsync(0)) }
}

test('only what was named is heard; books not unless they were asked for', () => {
  expect(concerns(['group'], 'event', event('group', '1', 1))).toBe(true)
  expect(concerns(['group'], 'event', event('campaign', '1', 1))).toBe(false)
  expect(concerns(['upload.completed'], 'event', event('upload', 'a', 1, 'upload.completed'))).toBe(true)
  expect(concerns(['upload.completed'], 'event', event('upload', 'a', 1, 'upload.users'))).toBe(false)
  expect(concerns(['campaign'], 'books', { campaign_id: 1 })).toBe(false)
  expect(concerns(['campaign', 'books'], 'books', { campaign_id: 1 })).toBe(true)
  expect(concerns([], 'open', undefined)).toBe(true) // after a connection that was away
})

test('news of half a second make one round', async () => {
  const { rounds, heard } = held()
  rounds.hear('event', event('group', '1', 7))
  await vi.advanceTimersByTimeAsync(499)
  rounds.hear('event', event('group', '2', 9))
  expect(heard).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(heard).toEqual([{ ids: new Set(['1', '2']), kinds: new Set(['group']), seq: '9', missed: false }])
})

test('what is heard during a round is for one more, after a pause as long as the round', async () => {
  const { rounds, heard, end } = held()
  rounds.hear('event', event('group', '1', 1))
  await vi.advanceTimersByTimeAsync(500)
  for (let s = 0; s < 4; s++) {
    rounds.hear('event', event('group', '2', 2 + s))
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(heard).toHaveLength(1)
  await end()
  await vi.advanceTimersByTimeAsync(3_999)
  expect(heard).toHaveLength(1)
  rounds.hear('open', { seq: 6 })
  await vi.advanceTimersByTimeAsync(1)
  expect(heard[1]).toEqual({ ids: new Set(['2']), kinds: new Set(['group']), seq: '6', missed: true })
  await end()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(heard).toHaveLength(2)
})

test('after a long silence nothing waits for the round before', async () => {
  const { rounds, heard, end } = held()
  rounds.hear('event', event('group', '1', 1))
  await vi.advanceTimersByTimeAsync(20_000)
  await end()
  await vi.advanceTimersByTimeAsync(20_000)
  rounds.hear('event', event('group', '1', 2))
  await vi.advanceTimersByTimeAsync(500)
  expect(heard).toHaveLength(2)
})

test('a round that hung for an hour makes no pause of an hour', async () => {
  const { rounds, heard, end } = held()
  rounds.hear('event', event('group', '1', 1))
  await vi.advanceTimersByTimeAsync(3_600_000)
  await end()
  rounds.hear('event', event('group', '1', 2))
  await vi.advanceTimersByTimeAsync(30_000)
  expect(heard).toHaveLength(2)
})

test('what a round that failed was about is for the next one', async () => {
  const { rounds, heard, end } = held()
  rounds.hear('event', event('group', '1', 1))
  await vi.advanceTimersByTimeAsync(500)
  await end(new Error('away'))
  rounds.hear('event', event('group', '2', 2))
  await vi.advanceTimersByTimeAsync(500)
  expect(heard[1]).toEqual({ ids: new Set(['1', '2']), kinds: new Set(['group']), seq: '2', missed: false })
  await end()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(heard).toHaveLength(2)
})

test('a round that failed is tried once more where nothing else is heard', async () => {
  const { rounds, heard, end } = held()
  rounds.hear('event', event('group', '1', 1))
  await vi.advanceTimersByTimeAsync(500)
  await end(new Error('away'))
  await vi.advanceTimersByTimeAsync(4_999)
  expect(heard).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(heard[1]).toEqual(heard[0])
  await end(new Error('away'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(heard).toHaveLength(2)
  rounds.hear('event', event('group', '2', 2))
  await vi.advanceTimersByTimeAsync(500)
  expect(heard[2]?.ids).toEqual(new Set(['1', '2']))
})

test('a round that fails when nobody is there any more is not tried again', async () => {
  const { rounds, heard, end } = held()
  rounds.hear('event', event('group', '1', 1))
  await vi.advanceTimersByTimeAsync(500)
  rounds.stop()
  await end(new Error('away'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(heard).toHaveLength(1)
})

test('what was answered since the connection opened knows of what was missed, but not of an event', async () => {
  const { rounds, heard, end } = held()
  rounds.hear('open', { seq: 6 })
  await vi.advanceTimersByTimeAsync(100)
  rounds.hear('open', { seq: 6 })
  await vi.advanceTimersByTimeAsync(400)
  expect(heard).toEqual([{ ids: new Set(), kinds: new Set(), seq: '6', missed: true, before: 1_000_100 }])
  await end()
  rounds.hear('open', { seq: 6 })
  rounds.hear('books', { campaign_id: 1 })
  await vi.advanceTimersByTimeAsync(500)
  expect(heard[1]).toEqual({ ids: new Set(), kinds: new Set(['books']), seq: '6', missed: true })
})

test('who has gone is told nothing', async () => {
  const { rounds, heard } = held()
  rounds.hear('event', event('group', '1', 1))
  rounds.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(heard).toEqual([])
})
