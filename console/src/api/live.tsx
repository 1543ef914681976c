// What happens in a product line, as it happens: one connection, however many parts of the page listen.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { tellSignedOut, whoIsSignedIn } from './client'
import { keepOpen, type Kind, whileSeen } from './connection'

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
    const connection = keepOpen({
      open: () => new EventSource(`/v1/${encodeURIComponent(biz)}/stream`),
      signedIn: async () => (await whoIsSignedIn()).role !== 'nobody',
      signedOut: tellSignedOut,
      connected: setConnected,
      heard: (kind, data) => {
        for (const fn of listeners.current) fn(kind, data)
      },
    })
    const end = whileSeen(connection, document, window)
    const lost = () => setConnected(false)
    window.addEventListener('offline', lost)
    return () => {
      window.removeEventListener('offline', lost)
      end()
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
