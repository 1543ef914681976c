import { InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { again, caughtUp, isLong } = await import('./again')

/** A question that is answered by hand. */
function question() {
  const answers: ((answer: string) => void)[] = []
  const signals: AbortSignal[] = []
  const ask = vi.fn(({ signal }: { signal: AbortSignal }) => {
    signals.push(signal)
    return new Promise<string>((resolve) => answers.push(resolve))
  })
  return { ask, answer: (text: string) => answers.shift()?.(text), signals }
}

test('a question under way is answered, and asked once more afterwards', async () => {
  const client = new QueryClient()
  const slow = question()
  const quick = question()
  const off = [
    new QueryObserver(client, { queryKey: ['users', 'demo', 'slow'], queryFn: slow.ask, initialData: 'old' }).subscribe(() => {}),
    new QueryObserver(client, { queryKey: ['users', 'demo', 'quick'], queryFn: quick.ask, initialData: 'old', staleTime: Infinity }).subscribe(() => {}),
  ]
  expect([slow.ask.mock.calls.length, quick.ask.mock.calls.length]).toEqual([1, 0])
  const done = again(client, { queryKey: ['users', 'demo'] })
  expect([slow.ask.mock.calls.length, quick.ask.mock.calls.length]).toEqual([1, 1])
  quick.answer('new')
  slow.answer('asked before it happened')
  await vi.waitFor(() => expect(slow.ask).toHaveBeenCalledTimes(2))
  expect(slow.signals[0]?.aborted).toBe(false)
  slow.answer('new')
  await done
  expect(client.getQueryData(['users', 'demo', 'slow'])).toBe('new')
  expect(quick.ask).toHaveBeenCalledTimes(1)
  for (const end of off) end()
  client.clear()
})

test('a list of many pages is not asked for again as a whole unless it is named', async () => {
  const client = new QueryClient()
  const ask = vi.fn(async () => ({ items: [], next: 'more' }))
  const key = ['users', 'demo', 'list']
  const of = (n: number) => client.setQueryData(key, { pages: Array.from({ length: n }, () => ({ items: [], next: 'more' })), pageParams: Array.from({ length: n }, () => '') })
  of(2)
  const list = new InfiniteQueryObserver(client, { queryKey: key, queryFn: ask, initialPageParam: '', getNextPageParam: (p: { next: string }) => p.next, staleTime: Infinity })
  const off = list.subscribe(() => {})
  await again(client, { queryKey: ['users', 'demo'] }, (q) => !isLong(q))
  expect(ask).toHaveBeenCalledTimes(2)
  of(3)
  await again(client, { queryKey: ['users', 'demo'] }, (q) => !isLong(q))
  expect(ask).toHaveBeenCalledTimes(2)
  await again(client, { queryKey: ['users', 'demo'] }, isLong)
  expect(ask).toHaveBeenCalledTimes(2 + 3)
  off()
  client.clear()
})

test('what was answered while the read model caught up lacks what it caught up with', async () => {
  vi.useFakeTimers({ now: 5_000 })
  const news = { ids: new Set<string>(), kinds: new Set<string>(), seq: '9', missed: true, before: 4_900 }
  const asked: string[] = []
  const after = (ms: number) => (biz: string, seq: string) => new Promise((answer) => (asked.push(`${biz} ${seq}`), setTimeout(answer, ms)))
  const quick = caughtUp('demo', news, after(20))
  await vi.advanceTimersByTimeAsync(20)
  expect((await quick).before).toBe(4_900)
  const slow = caughtUp('demo', news, after(900))
  await vi.advanceTimersByTimeAsync(900)
  expect((await slow).before).toBe(5_920)
  expect(asked).toEqual(['demo 9', 'demo 9'])
  vi.useRealTimers()
})
