// Who is in the audience, and what became of the message.
import { DownloadOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Flex, Input, Select, Space, Typography } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { api, data, type Page as ListPage, type Recipient, type Report } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { Rows } from '../../ui/table'
import { type Ending, endings } from './read'
import { useReason } from './reason'
import { settle } from './settle'
import { nobody } from './status'

type Props = { biz: string; id: string; report: Report; sending: boolean }

const again = 3_000 // milliseconds between two looks at the first page while it sends

export function Recipients({ biz, id, report, sending }: Props) {
  const { t, number, time } = useSpeech()
  const said = useReason()
  const client = useQueryClient()
  const [params, setParams] = useSearchParams()
  const status = endings.find((e) => e === params.get('status'))
  const ask = (cursor?: string, signal?: AbortSignal) =>
    data(api.GET('/v1/{biz}/campaigns/{id}/recipients', { params: { path: { biz, id }, query: { status, limit: 500, cursor } }, signal })) as Promise<ListPage<Recipient>>
  const key = ['campaigns', biz, id, 'recipients', status ?? '']
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    getNextPageParam: (last) => last.next || undefined,
    gcTime: 0, // opened again, it begins with its first page, whatever was loaded before
    // Whoever scrolled far reads on in peace.
    refetchInterval: (q) => (sending && (q.state.data?.pages.length ?? 0) <= 1 ? again : false),
  })
  const was = useRef(sending)
  const latest = useRef({ key, ask })
  useEffect(() => {
    latest.current = { key, ask }
  })
  useEffect(() => {
    const gone = new AbortController()
    if (was.current && !sending) void settle(client, latest.current.key, latest.current.ask, gone.signal).catch(() => {}) // what is refused stays as it was
    was.current = sending
    return () => gone.abort()
  }, [client, sending, biz, id, status]) // another list is asked for by itself
  const choose = (s: Ending | '') => setParams({ tab: 'recipients', ...(s && { status: s }) }, { replace: true })
  if (Number(report.audience) === 0) return <Nothing text={t(nobody(report.status) ?? 'campaigns.noRecipients')} />
  const counted = (e: Ending | '') => `${t(e ? `campaigns.${e}` : 'campaigns.all')} (${number(String(e ? report[e] : report.audience))})`
  const query = status ? `?status=${status}` : ''
  return (
    <Flex vertical gap={16}>
      <Flex gap={8} wrap justify="space-between">
        <Flex gap={8} wrap>
          <Select<Ending | ''> aria-label={t('campaigns.byStatus')} value={status ?? ''} onChange={choose} style={{ width: 200 }}
            options={(['', ...endings] as const).map((e) => ({ value: e, label: counted(e) }))} />
          <Button icon={<DownloadOutlined />} href={`/v1/${encodeURIComponent(biz)}/campaigns/${id}/recipients.csv${query}`} download>
            {t('campaigns.csvThese')}
          </Button>
        </Flex>
        <Find biz={biz} id={id} />
      </Flex>
      <Rows<Recipient>
        list={list}
        of={key}
        label={t('campaigns.tab.recipients')}
        rowKey={(r) => String(r.user_id)}
        width={760}
        empty={<Nothing text={t('campaigns.noneSuch')} />}
        columns={[
          { title: t('campaigns.user'), width: 120, render: (_, r) => <Link to={`/${biz}/users/${r.user_id}`}>{String(r.user_id)}</Link> },
          { title: t('campaigns.status'), width: 100, render: (_, r) => <Status of={r.status} /> },
          {
            title: t('campaigns.reason'), width: 270, ellipsis: true,
            render: (_, r) => r.code !== undefined && <span title={[said(r.code, r.reason), r.code].join(' · ')}>{said(r.code, r.reason)}</span>,
          },
          { title: t('campaigns.at'), width: 190, render: (_, r) => time(r.at) || '–' },
          {
            title: t('campaigns.why'), width: 80,
            render: (_, r) => <Link to={`/${biz}/users/${r.user_id}?why=${id}`} aria-label={t('campaigns.whyUser', { id: String(r.user_id) })}>{t('campaigns.why')}</Link>,
          },
        ]}
      />
    </Flex>
  )
}

/** Why a user got it or not, also one who is not on the list. */
function Find({ biz, id }: { biz: string; id: string }) {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const [user, setUser] = useState('')
  const good = /^\d{1,20}$/.test(user)
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        if (good) void navigate(`/${biz}/users/${user}?why=${id}`)
      }}
    >
      <Space.Compact>
        <Input aria-label={t('campaigns.find')} placeholder={t('campaigns.find')} inputMode="numeric" value={user} status={user && !good ? 'error' : ''}
          onChange={(e) => setUser(e.target.value.trim())} style={{ width: 150 }} />
        <Button htmlType="submit" disabled={!good}>
          <Typography.Text disabled={!good}>{t('campaigns.findGo')}</Typography.Text>
        </Button>
      </Space.Compact>
    </form>
  )
}
