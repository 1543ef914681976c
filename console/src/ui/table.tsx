// A list of any length: pages come by cursor as one scrolls, and only what is on the screen is in the page.
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { Button, Flex, Table, type TableProps } from 'antd'
import { type ReactNode, type UIEvent, useCallback } from 'react'
import type { Page } from '../api/client'
import { useSpeech } from '../i18n'
import { Failure, Loading } from './states'

type Props<T> = {
  list: UseInfiniteQueryResult<InfiniteData<Page<T>>>
  rowKey: (row: T) => string
  columns: NonNullable<TableProps<T>['columns']>
  empty: ReactNode
  label: string
  /** Pixels: of the list where it is long, and of all columns together. */
  height?: number
  width?: number
}

const many = 50 // rows from which on only those on the screen are drawn
const near = 400 // pixels from the end at which more is asked for

export function Rows<T extends object>({ list, rowKey, columns, empty, label, height = 560, width = 720 }: Props<T>) {
  const { t } = useSpeech()
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const scrolled = useCallback(
    (e: UIEvent<HTMLElement>) => {
      const at = e.currentTarget
      if (hasNextPage && !isFetchingNextPage && at.scrollTop + at.clientHeight > at.scrollHeight - near) void fetchNextPage()
    },
    [hasNextPage, isFetchingNextPage, fetchNextPage],
  )
  if (list.isPending) return <Loading />
  if (list.error && !list.data) return <Failure error={list.error} retry={() => void list.refetch()} />
  const rows = list.data?.pages.flatMap((p) => p.items ?? []) ?? []
  if (rows.length === 0) return empty
  const long = rows.length > many
  return (
    <Flex vertical gap={8}>
      <section aria-label={label}>
        <Table<T> virtual={long} scroll={long ? { x: width, y: height } : { x: width }} onScroll={scrolled} size="middle"
          rowKey={rowKey} columns={columns} dataSource={rows} pagination={false} />
      </section>
      {list.error && <Failure error={list.error} retry={() => void fetchNextPage()} />}
      {hasNextPage && (
        <Flex justify="center">
          <Button onClick={() => void fetchNextPage()} loading={isFetchingNextPage}>
            {t('app.more')}
          </Button>
        </Flex>
      )}
    </Flex>
  )
}
