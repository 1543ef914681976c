// One EventSource, opened anew for as long as somebody is signed in. The browser itself comes back from a network that
// was away. What the server refuses it gives up, and says no word of why: then the server is asked who is signed in.

export type Kind = 'event' | 'books' | 'open'

type Options = {
  open: () => EventSource
  /** Whether somebody is signed in; fails where the server does not say. */
  signedIn: () => Promise<boolean>
  signedOut: () => void
  connected: (yes: boolean) => void
  heard: (kind: Kind, data: unknown) => void
}

const shortest = 1_000 // milliseconds until a refused connection is tried once more; twice as many each time,
const longest = 30_000 // up to these
const stands = 1 // EventSource.OPEN
const closed = 2 // EventSource.CLOSED

/** Pages that were cut off together do not come back together. */
const pause = (tries: number) => Math.min(shortest * 2 ** tries, longest) * (0.5 + Math.random() / 2)

/** Wake opens a connection, or tries at once again where it may be back; one that stands it leaves, unless it is to be another. */
export type Connection = { wake: (another?: boolean) => void; rest: () => void }

/** Keeps the connection until it rests. */
export function keepOpen({ open, signedIn, signedOut, connected, heard }: Options): Connection {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  const start = () => {
    clearTimeout(timer)
    source?.close() // it may hang on a network that is gone
    const now = open()
    source = now
    now.onopen = () => {
      tries = 0
      connected(true)
    }
    now.addEventListener('hello', (e) => heard('open', JSON.parse(e.data))) // what happened before was not heard
    now.onerror = () => {
      connected(false)
      if (now.readyState === closed) void refused(now)
    }
    for (const kind of ['event', 'books'] as const) now.addEventListener(kind, (e) => heard(kind, JSON.parse(e.data)))
  }
  const refused = async (by: EventSource) => {
    const somebody = await signedIn().catch(() => true) // who is not there to say may be back soon
    if (by !== source) return
    if (!somebody) signedOut()
    timer = setTimeout(somebody ? start : () => void refused(by), pause(tries++))
  }
  return {
    wake: (another = false) => {
      if (source?.readyState === stands && !another) return
      tries = 0
      start()
    },
    rest: () => {
      clearTimeout(timer)
      source?.close()
      source = undefined
    },
  }
}

type Page = EventTarget & { readonly hidden: boolean }

export const grace = 30_000 // milliseconds that a page that is no longer seen keeps its connection: most glances at another are shorter

/** Keeps the connection while the page is seen: a browser gives a host six connections for all its pages. Returns what ends it. */
export function whileSeen({ wake, rest }: Connection, page: Page, browser: EventTarget): () => void {
  let awake = false
  let hidden = 0 // since when
  let timer: ReturnType<typeof setTimeout> | undefined
  const sleep = () => {
    clearTimeout(timer)
    awake = false
    rest()
  }
  const seen = () => {
    clearTimeout(timer)
    if (!page.hidden) {
      const another = awake && hidden > 0 && Date.now() - hidden >= grace // the machine slept, and its timers with it
      awake = true
      hidden = 0
      wake(another)
    } else if (awake) {
      hidden ||= Date.now()
      timer = setTimeout(sleep, Math.max(0, hidden + grace - Date.now()))
    }
  }
  const online = () => awake && wake(true) // it may hang on the network that is gone
  seen()
  page.addEventListener('visibilitychange', seen)
  browser.addEventListener('online', online)
  return () => {
    page.removeEventListener('visibilitychange', seen)
    browser.removeEventListener('online', online)
    sleep()
  }
}
