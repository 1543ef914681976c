// What happens to groups, as it happens.
import { type InfiniteData, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, data, type Event, type Group, type Page } from '../../api/client'
import { useStream } from '../../api/live'

export type List = InfiniteData<Page<Group>, string | undefined>

/** Says, at most twice a second, which groups changed and up to which sequence of the log; undefined: who knows. */
export function useGroupEvents(fn: (changed: { ids: Set<string>; seq: string } | undefined) => void): void {
  const latest = useRef(fn)
  const heard = useRef({ ids: new Set<string>(), seq: '0' })
  const due = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    latest.current = fn
  })
  useEffect(() => () => clearTimeout(due.current), [])
  useStream((kind, what) => {
    if (kind === 'open') return latest.current(undefined)
    const event = what as Event
    if (kind !== 'event' || event.aggregate !== 'group') return
    heard.current.ids.add(String(event.aggregate_id))
    heard.current.seq = String(event.seq)
    due.current ??= setTimeout(() => {
      due.current = undefined
      const now = heard.current
      heard.current = { ids: new Set(), seq: '0' }
      latest.current(now)
    }, 500)
  })
}

/** The list with groups as they are now in their places, and new ones in front; top is the newest page asked for again. */
export function merged(list: List, top: Group[], changed: Group[]): List {
  const known = new Map([...changed, ...top].map((g) => [String(g.id), g]))
  const first = list.pages[0]
  if (!first) return list
  const newest = first.items?.[0]
  const fresh = top.filter((g) => !newest || BigInt(g.id) > BigInt(newest.id))
  const pages = list.pages.map((p) => ({ ...p, items: (p.items ?? []).map((g) => known.get(String(g.id)) ?? g) }))
  return { ...list, pages: pages.map((p, i) => (i === 0 ? { ...p, items: [...fresh, ...p.items] } : p)) }
}

const few = 2 // pages that are simply asked for again
const single = 20 // groups that are asked for one by one

/** Keeps a list of groups as it is now. A long one is not asked for again as a whole: that would be all its pages. */
export function useFreshList(biz: string, key: readonly unknown[], top: (seq: string) => Promise<Page<Group>>): void {
  const client = useQueryClient()
  useGroupEvents((changed) => {
    const list = client.getQueryData<List>(key)
    if (!changed || !list || list.pages.length <= few) return void client.invalidateQueries({ queryKey: key })
    void (async () => {
      const first = await top(changed.seq)
      const there = new Set(first.items.map((g) => String(g.id)))
      const shown = new Set(list.pages.flatMap((p) => (p.items ?? []).map((g) => String(g.id))))
      const others = [...changed.ids].filter((id) => !there.has(id) && shown.has(id)).slice(0, single)
      const ones = await Promise.all(others.map((id) => data(api.GET('/v1/{biz}/groups/{id}', { params: { path: { biz, id } } }))))
      client.setQueryData<List>(key, (now) => now && merged(now, first.items, ones))
    })().catch(() => {}) // the next change tries again
  })
}
