import { ApiOutlined, WechatOutlined } from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Flex, Input, Select, Tag, Typography } from 'antd'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { api, data, type Page as ListPage, type Template } from '../../api/client'
import { useLive } from '../../api/changes'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { Rows } from '../../ui/table'
import { draftOf } from './draft'

const channels = ['wechat', 'webhook'] as const

const longest = 200 // characters that are searched for

const textOf = (x: Template) => draftOf(x).rows.map((r) => r.text).filter(Boolean).join(' · ')

export function Templates() {
  const { t, time } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const navigate = useNavigate()
  const [search, setSearch] = useSearchParams()
  const channel = channels.find((c) => c === search.get('channel'))
  const words = (search.get('q') ?? '').trim().slice(0, longest)
  useLive(biz, ['templates'], ['template'])
  const key = ['templates', biz, 'list', channel ?? '', words]
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(api.GET('/v1/{biz}/templates', { params: { path: { biz }, query: { limit: 200, channel, search: words || undefined, cursor: pageParam } }, signal })) as Promise<ListPage<Template>>,
    getNextPageParam: (last) => last.next || undefined,
  })
  const narrowed = Boolean(channel || words)
  const set = (key: string, to?: string) => {
    const next = new URLSearchParams(search)
    if (to) next.set(key, to)
    else next.delete(key)
    setSearch(next, { replace: true })
  }
  const make = can('operator') && (
    <Button type="primary" onClick={() => void navigate(`/${biz}/templates/+new`)}>
      {t('templates.new')}
    </Button>
  )
  return (
    <Page title={t('templates.title')} actions={make}>
      <Flex gap={8} wrap role="search">
        <Input.Search aria-label={t('templates.search')} placeholder={t('templates.search')} allowClear maxLength={longest} style={{ width: 320, maxWidth: '100%' }} defaultValue={search.get('q') ?? ''} key={search.get('q') ? 'some' : 'none'}
          onSearch={(q) => set('q', q.trim())} />
        <Select aria-label={t('templates.channel')} placeholder={t('templates.channel')} allowClear style={{ minWidth: 160 }} value={channel} onChange={(to?: string) => set('channel', to)}
          options={channels.map((c) => ({ value: c, label: t(`templates.${c}`) }))} />
      </Flex>
      <Rows<Template>
        list={list}
        of={key}
        label={t('templates.title')}
        rowKey={(x) => x.id}
        width={900}
        empty={
          narrowed ? (
            <Nothing text={t('templates.noneFound')}>
              <Button onClick={() => setSearch({}, { replace: true })}>{t('templates.clear')}</Button>
            </Nothing>
          ) : (
            <Nothing text={t(make ? 'templates.empty' : 'templates.emptyViewer')}>{make}</Nothing>
          )
        }
        columns={[
          {
            title: t('templates.name'), width: 280,
            render: (_, x) => (
              <Flex vertical style={{ minWidth: 0 }}>
                <Link to={`/${biz}/templates/${x.id}`} title={x.name || x.id} style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
                  {x.name || x.id}
                </Link>
                {x.name && (
                  <Typography.Text type="secondary" ellipsis title={x.id}>
                    {x.id}
                  </Typography.Text>
                )}
              </Flex>
            ),
          },
          { title: t('templates.channel'), width: 130, render: (_, x) => <Tag icon={x.channel === 'webhook' ? <ApiOutlined /> : <WechatOutlined />}>{t(x.channel === 'webhook' ? 'templates.webhook' : 'templates.wechat')}</Tag> },
          {
            title: t('templates.content'), ellipsis: true,
            render: (_, x) => <span title={textOf(x)}>{textOf(x) || x.url}</span>,
          },
          { title: t('templates.updated'), width: 210, render: (_, x) => time(x.updated_at) },
        ]}
      />
    </Page>
  )
}
