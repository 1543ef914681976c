// What a campaign was made of, what it says, and who did what to it.
import { useQuery } from '@tanstack/react-query'
import { Card, Descriptions, Flex, theme, Timeline, Typography } from 'antd'
import { Link } from 'react-router'
import { api, type Campaign, data } from '../../api/client'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'
import { Failure, Loading } from '../../ui/states'
import { AudienceSize } from '../segments/size'
import { carrying } from '../segments/where'
import { useTemplate } from '../templates/read'
import { useChannel } from './channel'
import { Message } from './message'
import { campaignKey } from './read'
import { asked } from './variables'

export function Details({ biz, campaign: c }: { biz: string; campaign: Campaign }) {
  const { t, time } = useSpeech()
  const { token } = theme.useToken()
  const channel = useChannel()
  const template = useTemplate(biz, c.template)
  const draft = c.status === 'created'
  const open = template.data ? asked(template.data) : []
  const names = [...new Set([...open, ...Object.keys(c.variables ?? {})])]
  return (
    <Flex vertical gap={16}>
      {draft && (
        <Card title={t('campaigns.size')}>
          <AudienceSize biz={biz} where={c.text} />
        </Card>
      )}
      <Flex gap={16} wrap align="start">
        <Flex vertical gap={16} style={{ flex: '3 1 420px', minWidth: 0, maxWidth: '100%' }}>
          <Card title={t('campaigns.about')}>
            <Descriptions column={1} styles={{ label: { minWidth: 110, color: token.colorTextSecondary } }}
              items={[
                { key: 'where', label: t('campaigns.where'), children: <Link {...carrying(`/${biz}/segments`, c.text)} style={{ overflowWrap: 'anywhere', fontFamily: 'monospace' }}>{c.text}</Link> },
                { key: 'template', label: t('campaigns.template'), children: <Link to={`/${biz}/templates/${c.template}`}>{template.data?.name || c.template}</Link> },
                { key: 'channel', label: t('campaigns.channel'), children: channel(c.channel || template.data?.channel) },
                ...names.map((n) => ({
                  key: `v.${n}`, label: <code>{`{{${n}}}`}</code>,
                  children: c.variables?.[n] ? <span style={{ overflowWrap: 'anywhere' }}>{c.variables[n]}</span> : <Typography.Text type="secondary">{t('campaigns.ownValue')}</Typography.Text>,
                })),
                { key: 'created', label: t('campaigns.created'), children: time(c.created_at) },
                { key: 'started', label: t('campaigns.started'), children: time(c.started_at) || t('campaigns.notYet') },
                { key: 'ended', label: t('campaigns.ended'), children: time(c.completed_at) || t('campaigns.notYet') },
              ]} />
          </Card>
          <History biz={biz} id={String(c.id)} />
        </Flex>
        <Card title={t('campaigns.message')} style={{ flex: '2 1 320px', minWidth: 0, maxWidth: '100%' }}>
          <Message biz={biz} template={c.template} variables={c.variables ?? {}} where={draft ? c.text : undefined} />
        </Card>
      </Flex>
    </Flex>
  )
}

const many = 100 // a campaign's life has a dozen events, unless it is paused all day

function History({ biz, id }: { biz: string; id: string }) {
  const { t, time } = useSpeech()
  const { key_id: mine } = useSession()
  const events = useQuery({
    queryKey: [...campaignKey(biz, id), 'history'],
    queryFn: () => data(api.GET('/v1/{biz}/events', { params: { path: { biz }, query: { aggregate: `campaign.${id}`, limit: many } } })),
  })
  const word = (type: string) => {
    const w = named('campaigns.event', type.replace(/^campaign\./, ''))
    return w ? t(w) : type
  }
  const who = (actor = '') => {
    const key = /^key:(.+)$/.exec(actor)?.[1]
    if (!key) return '' // one of the house's own
    return ` · ${key === mine ? t('campaigns.byYou') : t('campaigns.byKey', { id: key })}`
  }
  const seen = (events.data?.items ?? []).filter((e, i, all) => all.findIndex((x) => x.type === e.type && x.correlation === e.correlation && x.command_id === e.command_id) === i)
  return (
    <Card title={t('campaigns.history')}>
      {events.isPending && <Loading />}
      {events.error && <Failure error={events.error} retry={() => void events.refetch()} />}
      <Timeline
        items={seen.map((e) => ({
          key: String(e.seq),
          content: (
            <Flex vertical>
              <strong>{word(e.type)}</strong>
              <Typography.Text type="secondary">
                {time(e.time)}
                {who(e.actor)}
              </Typography.Text>
            </Flex>
          ),
        }))}
      />
    </Card>
  )
}
