// What happened, the newest first.
import { ReloadOutlined } from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Flex, Tag } from 'antd'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { api, data, type Event, type Page } from '../../api/client'
import { useStream } from '../../api/live'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Nothing } from '../../ui/states'
import { Rows } from '../../ui/table'
import { About } from './about'
import { OneEvent } from './event'
import { type Filters, filtersOf, noFilters, paramsOf } from './filters'
import { AuditFilters, useActor } from './auditfilters'

function useAudit(biz: string, f: Filters) {
  return useInfiniteQuery({
    queryKey: ['audit', biz, f],
    initialPageParam: undefined as string | undefined,
    staleTime: Infinity, // what happened stays as it is; what is new is asked for by a button
    queryFn: ({ pageParam: before }) =>
      data(
        api.GET('/v1/{biz}/events', {
          params: {
            path: { biz: f.system ? '_' : biz },
            query: {
              order: 'newest', limit: 100, before, aggregate: (f.id ? `${f.kind}.${f.id}` : f.kind) || undefined,
              type: f.type || undefined, actor: f.actor || undefined, since: f.since || undefined, until: f.until || undefined,
            },
          },
        }),
      ) as Promise<Page<Event>>,
    getNextPageParam: (last) => last.next || undefined,
  })
}

export function Audit() {
  const { t } = useSpeech()
  const { biz: scope } = useSession()
  const biz = useBiz()
  const [params, setParams] = useSearchParams()
  const asked = filtersOf(params)
  const f = scope === '*' ? asked : { ...asked, system: false }
  const filter = (change: Partial<Filters>) => setParams(paramsOf({ ...f, ...change }))
  const list = useAudit(biz, f)
  const [fresh, setFresh] = useState(0)
  const [times, setTimes] = useState(0) // that what is new was asked for: it is shown from its first row on
  useStream((kind) => {
    if (kind === 'event' && !f.system) setFresh((n) => n + 1)
  })
  const again = () => {
    setFresh(0)
    setTimes((n) => n + 1)
    void list.refetch()
  }
  const open = params.get('event')
  const show = (seq: string | null) =>
    setParams((was) => {
      if (seq) was.set('event', seq)
      else was.delete('event')
      return was
    })
  return (
    <Flex vertical gap={16}>
      <AuditFilters of={f} filter={filter} all={scope === '*'}>
        <Button icon={<ReloadOutlined />} onClick={again} loading={list.isRefetching && !list.isFetchingNextPage} type={fresh ? 'primary' : 'default'}>
          {fresh ? t('operations.auditNew', { n: fresh }) : t('operations.refresh')}
        </Button>
        {JSON.stringify(f) !== JSON.stringify({ ...noFilters, system: f.system }) && <Button onClick={() => filter({ ...noFilters, system: f.system })}>{t('operations.clear')}</Button>}
      </AuditFilters>
      <Events list={list} of={[biz, f, times]} show={show} filter={filter} />
      {open && <OneEvent biz={f.system ? '_' : biz} seq={open} close={() => show(null)} filter={filter} />}
    </Flex>
  )
}

type Listed = { list: ReturnType<typeof useAudit>; of: readonly unknown[]; show: (seq: string) => void; filter: (f: Partial<Filters>) => void }

function Events({ list, of, show, filter }: Listed) {
  const { t, time, moment, number } = useSpeech()
  const who = useActor()
  const none = (
    <Nothing text={t(list.hasNextPage ? 'operations.auditShort' : 'operations.auditEmpty')}>
      {list.hasNextPage && (
        <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          {t('operations.auditBack')}
        </Button>
      )}
    </Nothing>
  )
  return (
    <Rows<Event>
      list={list} of={of} label={t('operations.tab.audit')} rowKey={(e) => String(e.seq)} size="small" width={990} empty={none}
      columns={[
        { title: t('operations.at'), width: 180, render: (_, e) => <span title={moment(e.time)}>{time(e.time)}</span> },
        {
          title: t('operations.event'), width: 220,
          render: (_, e) => (
            <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => show(String(e.seq))}>
              {e.type}
              {e.type === 'command.refused' && <Tag style={{ marginInlineStart: 4 }}>{String((e.data as { code?: string } | null)?.code ?? '')}</Tag>}
            </Button>
          ),
        },
        { title: t('operations.aggregate'), width: 210, ellipsis: true, render: (_, e) => <About event={e} /> },
        {
          title: t('operations.actor'), width: 180, ellipsis: true,
          render: (_, e) => e.actor && (
            <Button type="link" size="small" style={{ paddingInline: 0, maxWidth: '100%' }} title={e.actor} onClick={() => filter({ actor: e.actor ?? '' })}>
              <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{who(e.actor)}</span>
            </Button>
          ),
        },
        { title: t('operations.count'), width: 110, align: 'right', render: (_, e) => (e.count ? number(String(e.count)) : '') },
        { title: t('operations.seq'), width: 90, align: 'right', render: (_, e) => number(String(e.seq)) },
      ]}
    />
  )
}
