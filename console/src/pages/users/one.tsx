import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Card, Tabs } from 'antd'
import { useCallback, useEffect, useRef } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'
import { ApiError, api, data } from '../../api/client'
import { again, isLong } from '../../api/again'
import { useLive, useNews } from '../../api/changes'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading, Nothing } from '../../ui/states'
import { UserGroups } from './groups'
import { Messages } from './messages'
import { Orders } from './orders'
import { Attributes, Identity } from './profile'
import { Tags } from './tags'
import { Why } from './why'

const tabs = ['messages', 'why', 'orders', 'groups'] as const
type Tab = (typeof tabs)[number]

const slow = 5_000 // milliseconds between two looks at a user's messages while campaigns send

/** One user. What is looked at is in the address: ?tab=, and ?why= for a campaign. */
export function OneUser() {
  const { t } = useSpeech()
  const biz = useBiz()
  const user = useParams().user ?? ''
  const [search, setSearch] = useSearchParams()
  const client = useQueryClient()
  useLive(biz, ['users'], ['campaign', 'group', 'upload.completed'])
  useNews(['books'], ({ kinds }) => kinds.has('books') && again(client, { queryKey: ['users', biz, user, 'messages'] }, (q) => !isLong(q)), slow)
  const why = search.get('why')?.trim() ?? ''
  const tab: Tab = tabs.find((x) => x === search.get('tab')) ?? (why ? 'why' : 'messages')
  const open = (to: Tab, campaign = why) => setSearch({ ...(to !== 'messages' && { tab: to }), ...(to === 'why' && campaign && { why: campaign }) })
  const query = useQuery({
    queryKey: ['users', biz, user, 'profile'],
    queryFn: ({ signal }) => data(api.GET('/v1/{biz}/users/{user}', { params: { path: { biz, user } }, signal })),
  })
  const title = t('users.one', { id: user })
  const sections = useRef<HTMLDivElement>(null)
  const asked = tab === 'why' && query.isSuccess
  const show = useCallback(() => sections.current?.scrollIntoView({ block: 'start' }), []) // the answer, not the profile above it
  useEffect(() => {
    if (asked) show()
  }, [asked, show])
  if (query.isPending) return <Page title={title}><Loading /></Page>
  if (query.error && !query.data) {
    const missing = query.error instanceof ApiError && query.error.status === 404
    return (
      <Page title={title}>
        {missing ? (
          <Nothing text={t('users.missing', { id: user })}>
            <Link to={`/${biz}/users`}>{t('users.search')}</Link>
          </Nothing>
        ) : (
          <Failure error={query.error} retry={() => void query.refetch()} />
        )}
      </Page>
    )
  }
  const u = query.data
  return (
    <Page title={title} actions={<Button type="primary" onClick={() => open('why')}>{t('users.why')}</Button>}>
      <Card title={t('users.profile')} size="small">
        <Identity user={u} />
      </Card>
      <Card title={t('users.attributes')} size="small">
        <Attributes of={u.attributes} />
      </Card>
      <Card title={t('users.tags')} size="small">
        <Tags biz={biz} ids={u.tags ?? []} />
      </Card>
      <Card size="small" ref={sections} role="region" aria-label={t('users.sections')}>
        <Tabs activeKey={tab} onChange={(to) => open(to as Tab)} destroyOnHidden
          items={[
            { key: 'messages', label: t('users.messages'), children: <Messages biz={biz} user={user} why={(id) => open('why', id)} /> },
            { key: 'why', label: t('users.why'), children: <Why biz={biz} user={user} campaign={why} choose={(id) => open('why', id)} told={show} /> },
            { key: 'orders', label: t('users.orders'), children: <Orders biz={biz} user={user} /> },
            { key: 'groups', label: t('users.groups'), children: <UserGroups biz={biz} user={user} /> },
          ]} />
      </Card>
    </Page>
  )
}
