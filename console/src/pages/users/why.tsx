// Why a user got a campaign's message, or did not: step by step.
import { useQuery } from '@tanstack/react-query'
import { Alert, Flex, Select, Steps, Typography, theme } from 'antd'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { ApiError, type Campaign, api, data, type Why as Answer } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Failure, Loading, Nothing } from '../../ui/states'
import { useReason } from '../campaigns/reason'
import { Clauses } from './clauses'
import { account } from './steps'

/** told is called once there is an answer to look at. */
type Props = { biz: string; user: string; campaign: string; choose: (id: string) => void; told: () => void }

export function Why({ biz, user, campaign, choose, told }: Props) {
  const { t } = useSpeech()
  return (
    <Flex vertical gap={16} style={{ paddingTop: 8 }}>
      <Choice biz={biz} campaign={campaign} choose={choose} />
      {campaign === '' ? <Nothing text={t('users.why.begin')} /> : <Told key={campaign} biz={biz} user={user} campaign={campaign} told={told} />}
    </Flex>
  )
}

function useCampaign(biz: string, id: string) {
  return useQuery<Campaign>({
    queryKey: ['users', biz, 'campaign', id],
    queryFn: ({ signal }) => data(api.GET('/v1/{biz}/campaigns/{id}', { params: { path: { biz, id } }, signal })),
    enabled: id !== '',
  })
}

/** The newest campaigns by name; an older one by its id. */
function Choice({ biz, campaign, choose }: Omit<Props, 'user' | 'told'>) {
  const { t } = useSpeech()
  const [typed, type] = useState('')
  const list = useQuery({
    queryKey: ['campaigns', biz, 'newest'],
    queryFn: async ({ signal }) => (await data(api.GET('/v1/{biz}/campaigns', { params: { path: { biz }, query: { limit: 500 } }, signal }))).items ?? [],
    staleTime: 30_000,
  })
  const chosen = useCampaign(biz, campaign).data
  const options = (list.data ?? []).map((c) => ({ value: String(c.id), label: `${c.name} · ${c.id}` }))
  for (const id of [campaign, typed.trim()]) {
    if (!/^\d{1,20}$/.test(id) || options.some((o) => o.value === id)) continue
    options.unshift({ value: id, label: id === campaign && chosen ? `${chosen.name} · ${id}` : t('users.why.byId', { id }) })
  }
  return (
    <Select aria-label={t('users.why.choose')} placeholder={t('users.why.choose')} style={{ width: '100%', maxWidth: 560 }} loading={list.isPending}
      value={campaign || undefined} onChange={(id: string) => choose(id)} options={options}
      showSearch={{ searchValue: typed, onSearch: type, filterOption: (text, o) => (o?.label ?? '').toLowerCase().includes(text.trim().toLowerCase()) }}
      notFoundContent={t('users.why.noCampaigns')} />
  )
}

function Told({ biz, user, campaign: id, told }: Omit<Props, 'choose'>) {
  const path = { biz, id }
  const campaign = useCampaign(biz, id)
  const why = useQuery({
    queryKey: ['users', biz, user, 'why', id],
    queryFn: ({ signal }) => data(api.GET('/v1/{biz}/campaigns/{id}/users/{user}', { params: { path: { ...path, user } }, signal })),
  })
  const error = why.error ?? campaign.error
  const answered = campaign.isSuccess && why.isSuccess
  useEffect(() => {
    if (answered) told()
  }, [answered, told])
  if (campaign.data && why.data) return <Account biz={biz} campaign={campaign.data} why={why.data} />
  if (error) return <Failure error={error} retry={error instanceof ApiError && error.status === 404 ? undefined : () => void Promise.all([campaign.refetch(), why.refetch()])} />
  return <Loading />
}

function Account({ biz, campaign: c, why: w }: { biz: string; campaign: Campaign; why: Answer }) {
  const { t, time } = useSpeech()
  const { token } = theme.useToken()
  const reason = useReason()
  const { verdict, kind, steps } = account(c, w, time(c.started_at))
  const told = (w.code || w.reason) && reason(w.code, w.reason)
  return (
    <Flex vertical gap={16}>
      <Alert type={kind} showIcon role="status" title={t(verdict)} description={told || undefined}
        action={<Link to={`/${biz}/campaigns/${c.id}`}>{t('users.why.openCampaign')}</Link>} />
      <Steps orientation="vertical" size="small"
        items={steps.map((s, i) => ({
          key: s.name,
          status: s.state,
          title: <Typography.Text type="secondary">{t(s.name)}</Typography.Text>,
          content: (
            <Flex vertical gap={4} style={{ overflowWrap: 'anywhere', color: token.colorText, paddingBottom: 8 }}>
              <Typography.Text strong>{t(s.says)}</Typography.Text>
              {s.notes.map((n) => <span key={n.word}>{t(n.word, n.values)}</span>)}
              {i === 2 && w.code && <Typography.Text type="secondary">{t('users.why.code', { code: w.code })}</Typography.Text>}
              {i === 2 && w.at && <Typography.Text type="secondary">{time(w.at)}</Typography.Text>}
            </Flex>
          ),
        }))} />
      {w.clauses && w.clauses.length > 0 && <Clauses biz={biz} clauses={w.clauses} changed={w.frozen && w.in_audience !== w.clauses[0]?.holds} />}
    </Flex>
  )
}
