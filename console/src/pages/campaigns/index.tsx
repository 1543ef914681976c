import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Flex, Progress, Select } from 'antd'
import { useState } from 'react'
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router'
import { api, type Campaign, data, type Page as ListPage } from '../../api/client'
import { useFeed } from '../../api/feed'
import { type Books, useStream } from '../../api/live'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { Rows } from '../../ui/table'
import { statuses } from './read'

type Wanted = (typeof statuses)[number]

const size = 200 // campaigns of one page

/** The counts of campaigns that send, which come without being asked for. */
function useBooks(): Record<string, Books> {
  const [books, setBooks] = useState<Record<string, Books>>({})
  useStream((kind, got) => {
    if (kind !== 'books') return
    const b = got as Books
    setBooks((all) => ({ ...all, [String(b.campaign_id)]: b }))
  })
  return books
}

export function Campaigns() {
  const { t, number, time } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const navigate = useNavigate()
  const [params, setParams] = useSearchParams()
  const books = useBooks()
  const status = statuses.find((s) => s === params.get('status'))
  const ask = (cursor?: string, limit = size) =>
    data(api.GET('/v1/{biz}/campaigns', { params: { path: { biz }, query: { limit, status, cursor } } })) as Promise<ListPage<Campaign>>
  const key = ['campaigns', biz, 'list', status ?? ''] as const
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => ask(pageParam),
    getNextPageParam: (last) => last.next || undefined,
  })
  useFeed(biz, 'campaign', key, ask)
  const where = params.get('new')
  if (where !== null) return <Navigate to={`/${biz}/campaigns/new?${new URLSearchParams({ where })}`} replace />
  const choose = (s: Wanted | '') => setParams(s ? { status: s } : {}, { replace: true })
  const make = can('operator') && (
    <Button type="primary" onClick={() => void navigate(`/${biz}/campaigns/new`)}>
      {t('campaigns.new')}
    </Button>
  )
  const word = (s: string) => {
    const w = named('status', s)
    return w ? t(w) : s
  }
  return (
    <Page title={t('campaigns.title')} actions={make}>
      <Flex>
        <Select<Wanted | ''> aria-label={t('campaigns.byStatus')} value={status ?? ''} onChange={choose} style={{ width: 200 }}
          options={[{ value: '', label: t('campaigns.anyStatus') }, ...statuses.map((s) => ({ value: s, label: word(s) }))]} />
      </Flex>
      <Rows<Campaign>
        list={list}
        of={key}
        label={t('campaigns.title')}
        rowKey={(c) => String(c.id)}
        width={1036}
        empty={
          status ? (
            <Nothing text={t('campaigns.emptyStatus')}>
              <Button onClick={() => choose('')}>{t('campaigns.showAll')}</Button>
            </Nothing>
          ) : (
            <Nothing text={t('campaigns.empty')}>{make}</Nothing>
          )
        }
        columns={[
          {
            title: t('campaigns.name'), width: 240, ellipsis: true,
            render: (_, c) => <Link to={`/${biz}/campaigns/${c.id}`} title={c.name}>{c.name}</Link>,
          },
          { title: t('campaigns.status'), width: 180, render: (_, c) => <Doing campaign={c} books={books[String(c.id)]} /> },
          { title: t('campaigns.audience'), width: 100, align: 'right', render: (_, c) => (c.started_at ? number(String(c.audience)) : '–') },
          { title: t('campaigns.template'), width: 140, ellipsis: true, render: (_, c) => <span title={c.template}>{c.template}</span> },
          { title: t('campaigns.created'), width: 188, render: (_, c) => time(c.created_at) },
          { title: t('campaigns.started'), width: 188, render: (_, c) => time(c.started_at) || '–' },
        ]}
      />
    </Page>
  )
}

function Doing({ campaign, books }: { campaign: Campaign; books?: Books }) {
  const going = books && Number(books.audience) > 0 && ['sending', 'paused'].includes(campaign.status)
  return (
    <Flex align="center" gap={4}>
      <Status of={campaign.status} />
      {going && (
        <Progress size="small" style={{ width: 84, margin: 0 }} aria-label={campaign.name} status={campaign.status === 'paused' ? 'normal' : 'active'}
          percent={Math.floor((100 * (Number(books.audience) - Number(books.pending))) / Number(books.audience))} />
      )}
    </Flex>
  )
}
