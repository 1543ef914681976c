// A list of any length: pages come by cursor as one scrolls, and only what is on the screen is in the page.
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { Button, Flex, Table, type TableProps } from 'antd'
import { type ComponentProps, type ReactNode, type UIEvent, useMemo, useRef } from 'react'
import type { Page } from '../api/client'
import { useSpeech } from '../i18n'
import { Scrolls } from './scrolls'
import { Failure, Loading } from './states'
import { useWindow } from './window'

type Columns<T> = NonNullable<TableProps<T>['columns']>

type Props<T> = {
  list: UseInfiniteQueryResult<InfiniteData<Page<T>>>
  rowKey: (row: T) => string
  columns: Columns<T>
  empty: ReactNode
  label: string
  size?: 'small' | 'middle'
  /** Pixels: of the list where it is long, and of all columns together. */
  height?: number
  width?: number
}

const many = 50 // rows from which on only those on the screen are drawn
const near = 400 // pixels from the end at which more is asked for

export function Rows<T extends object>({ list, empty, height = 560, width = 720, ...how }: Props<T>) {
  const { t } = useSpeech()
  const { data, hasNextPage, isFetching, fetchNextPage, error } = list
  const rows = useMemo(() => data?.pages.flatMap((p) => p.items ?? []) ?? [], [data])
  if (list.isPending) return <Loading />
  if (!data) return error && <Failure error={error} retry={() => void list.refetch()} />
  const more = () => void fetchNextPage()
  const scrolled = ({ currentTarget: at }: UIEvent<HTMLElement>) => {
    if (hasNextPage && !isFetching && !error && at.scrollTop + at.clientHeight > at.scrollHeight - near) more()
  }
  const shown = { ...how, rows, width, more: hasNextPage }
  return (
    <Flex vertical gap={8}>
      {rows.length === 0 ? empty : rows.length > many ? <Long<T> {...shown} height={height} scrolled={scrolled} /> : <Short<T> {...shown} />}
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

type Shown<T> = Pick<Props<T>, 'rowKey' | 'columns' | 'label' | 'size'> & { rows: T[]; width: number; more: boolean }

function Short<T extends object>({ rows, rowKey, columns, label, size = 'middle', width }: Shown<T>) {
  return (
    <Scrolls label={label} width={width}>
      <Table<T> size={size} rowKey={rowKey} columns={columns} dataSource={rows} pagination={false} aria-label={label} />
    </Scrolls>
  )
}

const Head = (props: ComponentProps<'thead'>) => <thead {...props} style={{ position: 'sticky', top: 0, zIndex: 2 }} />
const stays = { header: { wrapper: Head } }

/** Only some rows are there at a time: each says which one it is, and the table how many there are, as far as that is known. */
function Long<T extends object>({ rows, rowKey, columns, label, size = 'middle', width, more, height, scrolled }: Shown<T> & { height: number; scrolled: (e: UIEvent<HTMLElement>) => void }) {
  const box = useRef<HTMLElement>(null)
  const keys = useMemo(() => rows.map(rowKey), [rows]) // rowKey is the same for all time
  const { start, stop, above, below, onScroll } = useWindow(keys, box, height)
  return (
    <Scrolls label={label} width={width} height={height} box={box} onScroll={(e) => (onScroll(e), scrolled(e))}>
      <div style={{ height: above }} />
      <Table<T> size={size} tableLayout="fixed" rowKey={rowKey} columns={columns} dataSource={rows.slice(start, stop)} pagination={false} components={stays}
        aria-label={label} aria-rowcount={more ? -1 : rows.length + 1} onHeaderRow={() => ({ 'aria-rowindex': 1 })} onRow={(_, i) => ({ 'aria-rowindex': start + (i ?? 0) + 2 })} />
      <div style={{ height: below }} />
    </Scrolls>
  )
}
