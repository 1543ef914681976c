// The stream mostly says that something changed; what it is now is asked for again, in rounds.
import { type Query, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { again, caughtUp, isLong, lacks } from './again'
import { useStream } from './live'
import { concerns, type News, Rounds } from './rounds'

const soon = 500 // milliseconds that news wait for others
export const late = 30_000 // and those of a list of which many pages are there

/** Calls round with what was heard of these (as `concerns` says): one round at a time, with pauses. */
export function useNews(of: readonly string[], round: (news: News) => unknown, pause = soon): void {
  const latest = useRef(round)
  const rounds = useRef<Rounds>(undefined)
  rounds.current ??= new Rounds((news) => latest.current(news), pause)
  useEffect(() => {
    latest.current = round
  })
  useEffect(() => () => rounds.current?.stop(), [])
  useStream((kind, what) => {
    if (concerns(of, kind, what)) rounds.current?.hear(kind, what)
  })
}

/**
 * Asks again for what is shown under these keys ([key, biz, ...]) when something happens to aggregates of these
 * kinds. Lists of which many pages are there follow twice a minute.
 */
export function useLive(biz: string, keys: readonly string[], aggregates: readonly string[], pause = soon): void {
  const client = useQueryClient()
  const ask = (which: (query: Query) => boolean) => Promise.all(keys.map((key) => again(client, { queryKey: [key, biz] }, which)))
  useNews(aggregates, (heard) => caughtUp(biz, heard).then((news) => ask((q) => !isLong(q) && lacks(news, q))), pause)
  useNews(aggregates, (news) => ask((q) => isLong(q) && lacks(news, q)), late)
}
