// What happens in a product line, as it happens: one connection, however many parts of the page listen.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { tellSignedOut, whoIsSignedIn } from './client'
import { keepOpen, type Kind } from './connection'

/** A campaign's counts while it sends. */
export type Books = { campaign_id: number | string; audience: number; sent: number; failed: number; skipped: number; unknown: number; pending: number }

type Listener = (kind: Kind, data: unknown) => void
type Live = { connected: boolean; listen: (fn: Listener) => () => void }

const Context = createContext<Live | null>(null)

/** Keeps the connection of a product line for everything below. */
export function LiveStream({ biz, children }: { biz: string; children: ReactNode }) {
  const listeners = useRef(new Set<Listener>())
  const [connected, setConnected] = useState(true)
  useEffect(() => {
    let first = !document.hidden // a page that opens with its connection has just asked for everything
    const { wake, rest } = keepOpen({
      open: () => new EventSource(`/v1/${encodeURIComponent(biz)}/stream`),
      signedIn: async () => (await whoIsSignedIn()).role !== 'nobody',
      signedOut: tellSignedOut,
      connected: (yes) => {
        first &&= yes
        setConnected(yes)
      },
      heard: (kind, data) => {
        if (kind === 'open' && first) return void (first = false)
        for (const fn of listeners.current) fn(kind, data)
      },
    })
    // A browser gives a host six connections in all: tabs that nobody sees keep none.
    const seen = () => (document.hidden ? rest() : wake())
    const lost = () => setConnected(false)
    seen()
    document.addEventListener('visibilitychange', seen)
    window.addEventListener('online', seen)
    window.addEventListener('offline', lost)
    return () => {
      document.removeEventListener('visibilitychange', seen)
      window.removeEventListener('online', seen)
      window.removeEventListener('offline', lost)
      rest()
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
