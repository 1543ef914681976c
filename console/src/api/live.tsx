// What happens in a product line, as it happens: one connection, however many parts of the page listen.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'

/** A campaign's counts while it sends. */
export type Books = { campaign_id: number | string; audience: number; sent: number; failed: number; skipped: number; unknown: number; pending: number }

type Listener = (kind: 'event' | 'books' | 'open', data: unknown) => void
type Live = { connected: boolean; listen: (fn: Listener) => () => void }

const Context = createContext<Live | null>(null)
const again = 3_000 // milliseconds until a refused connection is tried once more

/** Keeps the connection of a product line for everything below. */
export function LiveStream({ biz, children }: { biz: string; children: ReactNode }) {
  const listeners = useRef(new Set<Listener>())
  const [connected, setConnected] = useState(true)
  useEffect(() => {
    let source: EventSource
    let retry: ReturnType<typeof setTimeout> | undefined
    const tell = (kind: 'event' | 'books' | 'open', data: unknown) => {
      for (const fn of listeners.current) fn(kind, data)
    }
    const open = () => {
      source = new EventSource(`/v1/${encodeURIComponent(biz)}/stream`)
      source.onopen = () => {
        setConnected(true)
        tell('open', undefined) // what happened while it was away was not heard
      }
      source.onerror = () => {
        setConnected(false)
        if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, again)
      }
      source.addEventListener('event', (e) => tell('event', JSON.parse(e.data)))
      source.addEventListener('books', (e) => tell('books', JSON.parse(e.data)))
    }
    const back = () => {
      clearTimeout(retry)
      source.close() // it may hang on a network that is gone
      open()
    }
    const lost = () => setConnected(false)
    open()
    window.addEventListener('online', back)
    window.addEventListener('offline', lost)
    return () => {
      clearTimeout(retry)
      window.removeEventListener('online', back)
      window.removeEventListener('offline', lost)
      source.close()
    }
  }, [biz])
  const live = useMemo<Live>(
    () => ({
      connected,
      listen: (fn) => {
        listeners.current.add(fn)
        return () => void listeners.current.delete(fn)
      },
    }),
    [connected],
  )
  return <Context value={live}>{children}</Context>
}

/** Calls fn with everything that comes; fn may change from one drawing to the next. */
export function useStream(fn: Listener): void {
  const live = useContext(Context)
  const latest = useRef(fn)
  useEffect(() => {
    latest.current = fn
  })
  useEffect(() => live?.listen((kind, data) => latest.current(kind, data)), [live])
}

/** Whether the connection stands. */
export function useConnected(): boolean {
  return useContext(Context)?.connected ?? true
}
