import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Flex, Select } from 'antd'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { api, data, type Group, type Page as ListPage } from '../../api/client'
import { useLive } from '../../api/live'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { Rows } from '../../ui/table'
import { NewGroup } from './new'

const statuses = ['building', 'ready', 'failed', 'archived'] as const

export function Groups() {
  const { t, number, time } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const [search, setSearch] = useSearchParams()
  const [making, setMaking] = useState(false)
  const status = statuses.find((s) => s === search.get('status'))
  useLive(biz, ['groups'])
  const list = useInfiniteQuery({
    queryKey: ['groups', biz, 'list', status],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      data(api.GET('/v1/{biz}/groups', { params: { path: { biz }, query: { limit: 500, cursor: pageParam, status } } })) as Promise<ListPage<Group>>,
    getNextPageParam: (last) => last.next || undefined,
  })
  const make = can('operator') && (
    <Button type="primary" onClick={() => setMaking(true)}>
      {t('groups.new')}
    </Button>
  )
  return (
    <Page title={t('groups.title')} actions={make}>
      <Flex gap={8} wrap>
        <Select
          aria-label={t('groups.status')}
          allowClear
          placeholder={t('groups.status')}
          style={{ minWidth: 160 }}
          value={status}
          onChange={(to?: string) => setSearch(to ? { status: to } : {})}
          options={statuses.map((s) => ({ value: s, label: t(`status.${s}`) }))}
        />
      </Flex>
      <Rows<Group>
        list={list}
        label={t('groups.title')}
        rowKey={(g) => String(g.id)}
        empty={<Nothing text={t('groups.empty')}>{make}</Nothing>}
        columns={[
          {
            title: t('groups.name'), width: 320, ellipsis: true,
            render: (_, g) => <Link to={`/${biz}/groups/${g.id}`} title={g.name}>{g.name}</Link>,
          },
          { title: t('groups.kind'), width: 120, render: (_, g) => [g.kind, g.subkind].filter(Boolean).join(' · ') },
          { title: t('groups.status'), width: 110, render: (_, g) => <Status of={g.status} /> },
          { title: t('groups.count'), width: 130, align: 'right', render: (_, g) => number(String(g.count)) },
          { title: t('groups.version'), width: 90, align: 'right', render: (_, g) => number(String(g.version)) },
          { title: t('groups.updated'), width: 210, render: (_, g) => time(g.updated_at) },
        ]}
      />
      {making && <NewGroup biz={biz} close={() => setMaking(false)} />}
    </Page>
  )
}
