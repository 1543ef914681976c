// A list of millions of ids: pages come by cursor as one scrolls, what is out of sight is forgotten again,
// and only the lines on the screen are drawn.
import { useQueries } from '@tanstack/react-query'
import { Button, Flex, Skeleton, theme } from 'antd'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { api, data } from '../../api/client'
import { useSpeech } from '../../i18n'
import { useKept } from '../../ui/scrolls'
import { Failure, Loading, Nothing } from '../../ui/states'
import { line, scrolledTo, topAt } from './idlines'

const size = 5_000 // ids of one page
const wide = 148 // pixels of a column at the least
const tall = 480 // pixels of the list at the most
const most = 800_000 // lines: browsers draw no element higher than some 33 million pixels
const beyond = 1_000 // ids behind the last one on the screen that are asked for ahead
const kept = 60_000 // milliseconds that a page out of sight is kept

type Props = { biz: string; group: string; version: string; from: string; go: (to: string) => void; add?: () => void }

/** Pages by their number: where each begins is known once the one before it was read. */
function usePages({ biz, group, version, from }: Props, first: number, last: number) {
  const [cursors, setCursors] = useState([from])
  const [end, setEnd] = useState<number>()
  const wanted = Array.from({ length: Math.max(0, Math.min(last, cursors.length - 1) - first + 1) }, (_, i) => first + i)
  const results = useQueries({
    queries: wanted.map((i) => ({
      queryKey: ['groups', biz, 'members', group, version, from, i],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        data(api.GET('/v1/{biz}/groups/{id}/members', { params: { path: { biz, id: group }, query: { limit: size, cursor: cursors[i] || undefined } }, signal })),
      staleTime: Infinity,
      gcTime: kept,
    })),
  })
  useEffect(() => {
    results.forEach(({ data: page }, at) => {
      const i = wanted[at] ?? 0
      const next = page?.next
      if (next) setCursors((was) => (was.length === i + 1 ? [...was, next] : was))
      else if (page) setEnd(i * size + (page.items?.length ?? 0))
    })
  })
  const at = new Map(wanted.map((i, n) => [i, results[n]?.data?.items]))
  const failed = results.find((r) => r.error)
  return { item: (n: number) => at.get(Math.floor(n / size))?.[n % size], known: end ?? (cursors.length - 1) * size, end, next: cursors[cursors.length - 1] ?? '', failed }
}

export function IdList(props: Props) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const { biz, from, go, add } = props
  const box = useRef<HTMLDivElement>(null)
  const kept = useKept(box)
  const [top, setTop] = useState(0)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    if (!box.current) return
    const watch = new ResizeObserver(([e]) => e && setWidth(e.contentRect.width))
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [])
  const columns = Math.max(2, Math.min(8, Math.floor(width / wide)))
  const at = useRef({ first: 0, scrolled: 0 })
  useLayoutEffect(() => {
    if (!box.current) return
    box.current.scrollTop = scrolledTo(at.current.first, columns)
    at.current.scrolled = box.current.scrollTop // the end of the list may be nearer
    setTop(at.current.scrolled)
  }, [columns])
  const scrolled = (to: number) => {
    at.current = topAt(at.current, to, columns)
    setTop(to)
  }
  const start = Math.max(0, Math.floor(top / line) - 4)
  const stop = Math.ceil((top + tall) / line) + 4
  const { item, known, end, next, failed } = usePages(props, Math.floor((start * columns) / size), Math.floor((stop * columns + beyond) / size))
  const full = end === undefined && known / columns > most
  const lines = Math.ceil(known / columns) + (end === undefined && !full ? 1 : 0)
  const drawn = Array.from({ length: Math.max(0, Math.min(stop, lines) - start) }, (_, i) => start + i)
  if (end === 0) return <Nothing text={t(from ? 'groups.noneFrom' : 'groups.noMembers')}>{from ? <Button onClick={() => go('')}>{t('groups.fromStart')}</Button> : add && <Button type="primary" onClick={add}>{t('groups.addSome')}</Button>}</Nothing>
  return (
    <Flex vertical gap={8}>
      {failed?.error && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      <div ref={box} role="region" aria-label={t('groups.members')} tabIndex={0} {...kept} onScroll={(e) => scrolled(e.currentTarget.scrollTop)}
        style={{ height: Math.min(tall, Math.max(lines, known ? 1 : 4) * line + 2), overflowY: 'auto', background: token.colorBgContainer, border: `1px solid ${token.colorBorderSecondary}`, borderRadius: token.borderRadius }}>
        {known === 0 && !failed ? <Loading /> : (
          <div role="list" style={{ height: lines * line, position: 'relative' }}>
            {drawn.map((n) => (
              <div key={n} role="presentation" style={{ position: 'absolute', top: n * line, insetInline: 0, height: line, display: 'grid', gridTemplateColumns: `repeat(${columns}, 1fr)`, alignItems: 'center', background: n % 2 ? token.colorFillQuaternary : undefined }}>
                {Array.from({ length: columns }, (_, c) => n * columns + c).map((at) => {
                  if (end !== undefined && at >= end) return null
                  const user = item(at)
                  return (
                    <span key={at} role="listitem" aria-posinset={at + 1} aria-setsize={end ?? -1} style={{ paddingInline: 12, fontVariantNumeric: 'tabular-nums', overflow: 'hidden', textOverflow: 'ellipsis' }}>
                      {user === undefined ? <Skeleton.Node active style={{ width: 72, height: 14 }} /> : <Link to={`/${biz}/users/${user}`}>{String(user)}</Link>}
                    </span>
                  )
                })}
              </div>
            ))}
          </div>
        )}
      </div>
      {full && <Flex justify="center"><Button onClick={() => go(next)}>{t('groups.goOn', { id: next })}</Button></Flex>}
    </Flex>
  )
}
