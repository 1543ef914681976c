// A list of any length: pages come by cursor as one scrolls, and only what is on the screen is in the page.
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { Button, Flex, Table, type TableProps } from 'antd'
import { type ComponentProps, type ReactNode, type UIEvent, useMemo, useRef, useState } from 'react'
import type { Page } from '../api/client'
import { useSpeech } from '../i18n'
import { useScrolling } from './scrolling'
import { Scrolls } from './scrolls'
import { Failure, Loading } from './states'

type Columns<T> = NonNullable<TableProps<T>['columns']>

type Props<T> = {
  list: UseInfiniteQueryResult<InfiniteData<Page<T>>>
  /** Tells lists apart, as the key of its query does: another one begins at its first row. */
  of: readonly unknown[]
  rowKey: (row: T) => string
  columns: Columns<T>
  empty: ReactNode
  label: string
  size?: 'small' | 'middle'
  /** Pixels: of the list where it is long, and of all columns together. */
  height?: number
  width?: number
}

const near = 400 // pixels from the end at which more is asked for

export function Rows<T extends object>({ list, of, empty, height = 560, width = 720, ...how }: Props<T>) {
  const { t } = useSpeech()
  const { data, hasNextPage, isFetching, fetchNextPage, error } = list
  const rows = useMemo(() => data?.pages.flatMap((p) => p.items ?? []) ?? [], [data])
  const asked = JSON.stringify(of)
  const [came, setCame] = useState(asked)
  if (came !== asked && !list.isPlaceholderData) setCame(asked) // until then the list before it is still there
  if (list.isPending) return <Loading />
  if (!data) return error && <Failure error={error} retry={() => void list.refetch()} />
  const more = () => void fetchNextPage()
  const scrolled = ({ currentTarget: at }: UIEvent<HTMLElement>) => {
    if (hasNextPage && !isFetching && !error && at.scrollTop + at.clientHeight > at.scrollHeight - near) more()
  }
  return (
    <Flex vertical gap={8}>
      {rows.length === 0 ? empty : <Listed<T> {...how} of={came} rows={rows} width={width} height={height} more={hasNextPage} scrolled={scrolled} />}
      {error && <Failure error={error} retry={list.isFetchNextPageError ? more : () => void list.refetch()} />}
      {rows.length > 0 && hasNextPage && (
        <Flex justify="center">
          <Button onClick={more} loading={list.isFetchingNextPage}>
            {t('app.more')}
          </Button>
        </Flex>
      )}
    </Flex>
  )
}

const Head = (props: ComponentProps<'thead'>) => <thead {...props} style={{ position: 'sticky', top: 0, zIndex: 2 }} />
const stays = { header: { wrapper: Head } }

type Shown<T> = Pick<Props<T>, 'rowKey' | 'columns' | 'label' | 'size'> & {
  of: string
  rows: T[]
  width: number
  height: number
  more: boolean
  scrolled: (e: UIEvent<HTMLElement>) => void
}

/** Of a long list only some rows are there at a time: each says which one it is, and the table how many there are, as far as that is known. */
function Listed<T extends object>({ of, rows, rowKey, columns, label, size = 'middle', width, height, more, scrolled }: Shown<T>) {
  const box = useRef<HTMLElement>(null)
  const keys = useMemo(() => rows.map(rowKey), [rows]) // rowKey is the same for all time
  const { long, start, stop, above, below, onScroll } = useScrolling(keys, of, box, height)
  const count = long && { 'aria-rowcount': more ? -1 : rows.length + 1 }
  const nth = (n: number) => (long ? { 'aria-rowindex': n } : {})
  return (
    <Scrolls label={label} width={width} height={long ? height : undefined} box={box} onScroll={(e) => long && (onScroll(e), scrolled(e))}>
      <div style={{ height: above }} />
      <Table<T> size={size} tableLayout={long ? 'fixed' : undefined} rowKey={rowKey} columns={columns} dataSource={rows.slice(start, stop)} pagination={false} components={stays}
        aria-label={label} {...count} onHeaderRow={() => nth(1)} onRow={(_, i) => nth(start + (i ?? 0) + 2)} />
      <div style={{ height: below }} />
    </Scrolls>
  )
}
