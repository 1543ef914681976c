import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, type Campaign, data, type Page as ListPage } from '../../api/client'
import { useLive } from '../../api/live'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { Rows } from '../../ui/table'
import { NewCampaign } from './new'

export function Campaigns() {
  const { t, number, time } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const [making, setMaking] = useState(false)
  useLive(biz, ['campaigns'])
  const list = useInfiniteQuery({
    queryKey: ['campaigns', biz, 'list'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      data(api.GET('/v1/{biz}/campaigns', { params: { path: { biz }, query: { limit: 500, cursor: pageParam } } })) as Promise<ListPage<Campaign>>,
    getNextPageParam: (last) => last.next || undefined,
  })
  const make = can('operator') && (
    <Button type="primary" onClick={() => setMaking(true)}>
      {t('campaigns.new')}
    </Button>
  )
  return (
    <Page title={t('campaigns.title')} actions={make}>
      <Rows<Campaign>
        list={list}
        label={t('campaigns.title')}
        rowKey={(c) => String(c.id)}
        empty={<Nothing text={t('campaigns.empty')}>{make}</Nothing>}
        columns={[
          {
            title: t('groups.name'), width: 300, ellipsis: true,
            render: (_, c) => <Link to={`/${biz}/campaigns/${c.id}`} title={c.name}>{c.name}</Link>,
          },
          { title: t('campaigns.template'), width: 160, ellipsis: true, render: (_, c) => c.template },
          { title: t('groups.status'), width: 140, render: (_, c) => <Status of={c.status} /> },
          { title: t('campaigns.audience'), width: 130, align: 'right', render: (_, c) => number(String(c.audience)) },
          { title: t('campaigns.started'), width: 210, render: (_, c) => time(c.started_at) },
        ]}
      />
      {making && <NewCampaign biz={biz} close={() => setMaking(false)} />}
    </Page>
  )
}
