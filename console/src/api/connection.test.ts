import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { grace, keepOpen, type Kind, whileSeen } from './connection'

class Source {
  readyState = 0
  onopen = () => {}
  onerror = () => {}
  listeners: Record<string, (e: { data: string }) => void> = {}
  addEventListener(kind: string, fn: (e: { data: string }) => void) {
    this.listeners[kind] = fn
  }
  close() {
    this.readyState = 2
  }
  greet(seq: number) {
    this.onopen()
    this.listeners.hello?.({ data: `{"seq":${seq}}` })
  }
  refuse() {
    this.readyState = 2
    this.onerror()
  }
}

function kept(signedIn: () => Promise<boolean>) {
  const sources: Source[] = []
  const heard: [Kind, unknown][] = []
  const seen = { connected: true, out: 0 }
  const connection = keepOpen({
    open: () => {
      sources.push(new Source())
      return sources.at(-1) as unknown as EventSource
    },
    signedIn,
    signedOut: () => seen.out++,
    connected: (yes) => (seen.connected = yes),
    heard: (kind, data) => heard.push([kind, data]),
  })
  connection.wake()
  return { ...connection, sources, heard, seen, last: () => sources.at(-1) as Source }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('what comes is heard', () => {
  const c = kept(async () => true)
  c.last().greet(6)
  c.last().listeners.event?.({ data: '{"seq":7}' })
  expect(c.heard).toEqual([['open', { seq: 6 }], ['event', { seq: 7 }]])
})

test('a refusal is tried again after pauses that grow, while somebody is signed in', async () => {
  const c = kept(async () => true)
  const pauses: number[] = []
  for (let n = 1; n <= 7; n++) {
    c.last().refuse()
    let waited = 0
    for (; c.sources.length === n; waited += 500) await vi.advanceTimersByTimeAsync(500)
    pauses.push(waited)
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(c.seen).toEqual({ connected: false, out: 0 })
  c.last().greet(6)
  expect(c.seen.connected).toBe(true)
  c.last().refuse()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(c.sources).toHaveLength(9)
})

test('where nobody is signed in it is said, and nothing is opened until somebody is', async () => {
  let somebody = false
  const c = kept(async () => somebody)
  c.last().refuse()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(c.sources).toHaveLength(1)
  expect(c.seen.out).toBeGreaterThan(0)
  somebody = true
  await vi.advanceTimersByTimeAsync(60_000)
  expect(c.sources).toHaveLength(2)
})

test('a server that does not say who is signed in may be back soon', async () => {
  const c = kept(() => Promise.reject(new Error('away')))
  c.last().refuse()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(c.sources).toHaveLength(2)
  expect(c.seen.out).toBe(0)
})

test('what the browser tries by itself is left to it', async () => {
  const c = kept(async () => false)
  c.last().onerror()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(c.sources).toHaveLength(1)
  expect(c.seen).toEqual({ connected: false, out: 0 })
})

test('waking does not wait, and comes once', async () => {
  const c = kept(async () => true)
  c.last().refuse()
  await vi.advanceTimersByTimeAsync(1)
  c.wake()
  expect(c.sources).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(c.sources).toHaveLength(2)
})

test('at rest nothing is opened, whatever was asked, until it is woken', async () => {
  let answer = (_: boolean) => {}
  const c = kept(() => new Promise((resolve) => (answer = resolve)))
  c.last().refuse()
  c.rest()
  answer(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(c.sources).toHaveLength(1)
  expect(c.seen.out).toBe(0)
  c.wake()
  expect(c.sources).toHaveLength(2)
})

test('one that stands is left as it is, unless another is wanted', () => {
  const c = kept(async () => true)
  c.last().readyState = 1
  c.wake()
  expect(c.sources).toHaveLength(1)
  c.wake(true)
  expect(c.sources).toHaveLength(2)
  expect(c.sources[0]?.readyState).toBe(2)
})

/** A page whose connections open at once. */
function page(hidden = false) {
  const c = kept(async () => true)
  c.rest()
  c.sources.length = 0
  const doc = Object.assign(new EventTarget(), { hidden })
  const browser = new EventTarget()
  const open = () => {
    const last = c.sources.at(-1)
    if (last?.readyState !== 0) return
    last.readyState = 1
    last.greet(6)
  }
  const end = whileSeen(c, doc, browser)
  open()
  const see = (yes: boolean) => {
    doc.hidden = !yes
    doc.dispatchEvent(new Event('visibilitychange'))
    open()
  }
  return { ...c, see, end, online: () => (browser.dispatchEvent(new Event('online')), open()) }
}

test('every connection says that it opened, the first one, too', async () => {
  const p = page()
  expect(p.heard).toEqual([['open', { seq: 6 }]])
  p.see(false)
  await vi.advanceTimersByTimeAsync(grace)
  p.see(true)
  expect(p.heard).toEqual([['open', { seq: 6 }], ['open', { seq: 6 }]])
})

test('a glance at another page keeps the connection', async () => {
  const p = page()
  for (let n = 0; n < 10; n++) {
    p.see(false)
    await vi.advanceTimersByTimeAsync(grace - 1)
    p.see(true)
  }
  expect(p.sources).toHaveLength(1)
  expect(p.last().readyState).toBe(1)
  expect(p.heard).toHaveLength(1)
})

test('a page that nobody sees for long has no connection until it is seen', async () => {
  const p = page()
  p.see(false)
  await vi.advanceTimersByTimeAsync(grace)
  expect(p.last().readyState).toBe(2)
  p.online()
  p.see(false)
  await vi.advanceTimersByTimeAsync(10 * grace)
  expect(p.sources).toHaveLength(1)
  p.see(true)
  expect(p.sources).toHaveLength(2)
})

test('a page that is hidden from the start opens nothing until it is seen', async () => {
  const p = page(true)
  p.online()
  p.see(false)
  await vi.advanceTimersByTimeAsync(10 * grace)
  expect(p.sources).toHaveLength(0)
  p.see(true)
  expect(p.sources).toHaveLength(1)
})

test('who comes back to a connection that was refused does not wait for it', async () => {
  const p = page()
  p.see(false)
  p.last().refuse()
  await vi.advanceTimersByTimeAsync(1)
  p.see(true)
  expect(p.sources).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(p.sources).toHaveLength(2)
})

test('after a network that was gone, and a machine that slept, there is another connection', () => {
  const p = page()
  p.online()
  expect(p.sources).toHaveLength(2)
  p.see(false)
  vi.setSystemTime(Date.now() + 3_600_000) // no timer went off
  p.see(true)
  expect(p.sources).toHaveLength(3)
  expect(p.sources.map((s) => s.readyState)).toEqual([2, 2, 1])
})

test('what has ended opens nothing more', async () => {
  const p = page()
  p.see(false)
  p.end()
  p.online()
  p.see(true)
  await vi.advanceTimersByTimeAsync(10 * grace)
  expect(p.sources).toHaveLength(1)
  expect(p.last().readyState).toBe(2)
})
