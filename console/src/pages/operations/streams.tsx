import { useQuery } from '@tanstack/react-query'
import { Alert, Badge, Card, Flex, Table, Typography } from 'antd'
import { api, data, type LogConsumer, type LogStream } from '../../api/client'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'
import { Scrolls } from '../../ui/scrolls'
import { Failure, Loading } from '../../ui/states'
import { ago, bytes, span } from '../../i18n/units'
import { type Verdict, verdict } from './verdict'

export const useStreams = (enabled = true) =>
  useQuery({ queryKey: ['streams'], queryFn: () => data(api.GET('/v1/streams')), refetchInterval: 3_000, enabled })

export function Streams() {
  const streams = useStreams()
  if (!streams.data) return streams.failureReason ? <Failure error={streams.failureReason} retry={() => void streams.refetch()} /> : <Loading />
  return (
    <Flex vertical gap={16}>
      {streams.error && <Failure error={streams.error} retry={() => void streams.refetch()} />}
      {(streams.data.items ?? []).map((s) => (
        <Stream key={s.name} of={s} />
      ))}
    </Flex>
  )
}

function Stream({ of: s }: { of: LogStream }) {
  const { t, number, time, language } = useSpeech()
  const kept = s.max_age_s ? span(language, 1000 * s.max_age_s) : t(s.name === 'SENDS' ? 'operations.untilDone' : 'operations.forever')
  const facts = [
    { label: t('operations.messages'), children: number(String(s.messages)) },
    { label: t('operations.bytes'), children: bytes(language, Number(s.bytes)) },
    { label: t('operations.sequences'), children: Number(s.messages) ? `${number(String(s.first_seq))} – ${number(String(s.last_seq))}` : '–' },
    { label: t('operations.newest'), children: s.last_at ? <span title={time(s.last_at)}>{ago(language, s.last_at)}</span> : t('operations.never') },
    { label: t('operations.kept'), children: kept },
    { label: t('operations.replicas'), children: s.replicas },
    { label: t('operations.readers'), children: number(s.readers) },
  ]
  return (
    <Card
      size="small"
      title={
        <Flex gap={8} align="baseline" wrap>
          <Typography.Title level={2} style={{ fontSize: 16, margin: 0 }}>{s.name}</Typography.Title>
          <Typography.Text type="secondary" style={{ fontWeight: 'normal', whiteSpace: 'normal' }}>
            {t(`operations.st.${s.name}`)}
          </Typography.Text>
        </Flex>
      }
    >
      <Flex vertical gap={12}>
        {!!s.behind?.length && <Alert type="warning" showIcon title={t('operations.behindReplicas', { names: s.behind.join(', ') })} />}
        <dl style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(120px, 1fr))', gap: 12, margin: 0 }}>
          {facts.map((f) => (
            <div key={f.label}>
              <dt>
                <Typography.Text type="secondary">{f.label}</Typography.Text>
              </dt>
              <dd style={{ margin: 0, fontVariantNumeric: 'tabular-nums' }}>{f.children}</dd>
            </div>
          ))}
        </dl>
        {s.consumers?.length ? <Consumers of={s.name} rows={s.consumers} /> : <Typography.Text type="secondary">{t('operations.noConsumers')}</Typography.Text>}
        {!!s.more_consumers && <Typography.Text type="secondary">{t('operations.moreConsumers', { n: number(s.more_consumers) })}</Typography.Text>}
      </Flex>
    </Card>
  )
}

const colors: Record<Verdict, 'default' | 'processing' | 'warning' | 'error'> = { idle: 'default', working: 'processing', retrying: 'warning', still: 'warning', unattended: 'error' }

export function Consumers({ of, rows }: { of: string; rows: LogConsumer[] }) {
  const { t, number, time, language } = useSpeech()
  const when = (iso?: string) => (iso ? <span title={time(iso)}>{ago(language, iso)}</span> : '–')
  const count = (n: number | string) => number(String(n))
  return (
    <Scrolls label={t('operations.consumers', { name: of })} width={900}>
      <Table<LogConsumer>
        size="small" rowKey="name" pagination={false} dataSource={rows}
        columns={[
          {
            title: t('operations.consumer'), width: 270,
            render: (_, c) => {
              const what = named('operations.c', c.name)
              return (
                <Flex vertical>
                  <Typography.Text style={{ overflowWrap: 'anywhere' }}>{c.name}</Typography.Text>
                  <Typography.Text type="secondary">{what ? t(what) : c.filters?.join(', ')}</Typography.Text>
                </Flex>
              )
            },
          },
          { title: t('operations.state'), width: 140, render: (_, c) => { const v = verdict(c); return <Badge status={colors[v]} text={t(`operations.v.${v}`)} /> } },
          { title: t('operations.pending'), align: 'right', width: 100, render: (_, c) => count(c.pending) },
          { title: t('operations.inHand'), align: 'right', width: 90, render: (_, c) => count(c.in_hand) },
          { title: t('operations.redelivered'), align: 'right', width: 110, render: (_, c) => count(c.redelivered) },
          { title: t('operations.oldest'), width: 150, render: (_, c) => when(c.oldest_at) },
          { title: t('operations.handed'), width: 150, render: (_, c) => when(c.last_at) },
        ]}
      />
    </Scrolls>
  )
}
