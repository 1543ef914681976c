import { useQuery } from '@tanstack/react-query'
import { App, Button, Descriptions, Drawer, Flex, theme, Typography } from 'antd'
import { Link } from 'react-router'
import { api, data, type Event } from '../../api/client'
import { useSpeech } from '../../i18n'
import { useFocusBack } from '../../ui/dialog'
import { Failure, Loading, Nothing } from '../../ui/states'
import { About } from './about'
import { useActor } from './auditfilters'
import { type Filters, noFilters } from './filters'

type Props = { biz: string; seq: string; close: () => void; filter: (f: Partial<Filters>) => void }

/** One event of the log, whole. */
export function OneEvent({ biz, seq, close, filter }: Props) {
  const { t } = useSpeech()
  useFocusBack()
  const found = useQuery({
    queryKey: ['event', biz, seq],
    staleTime: Infinity,
    queryFn: async () => {
      const after = String(BigInt(/^\d+$/.test(seq) && seq !== '0' ? seq : '1') - 1n)
      const page = await data(api.GET('/v1/{biz}/events', { params: { path: { biz }, query: { after, limit: 1 } } }))
      return page.items?.find((e) => String(e.seq) === seq) ?? null
    },
  })
  const e = found.data
  return (
    <Drawer open onClose={close} size="large" title={<span style={{ overflowWrap: 'anywhere' }}>{e?.type ?? t('operations.event')}</span>}>
      {found.isPending && <Loading />}
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {e === null && <Nothing text={t('operations.auditEmpty')} />}
      {e && <Whole event={e} filter={filter} />}
    </Drawer>
  )
}

const pagesOf: Record<string, string> = { group: 'groups', campaign: 'campaigns', template: 'templates', audience: 'campaigns' }

function Whole({ event: e, filter }: { event: Event; filter: Props['filter'] }) {
  const { t, moment, number } = useSpeech()
  const { message } = App.useApp()
  const who = useActor()
  const { token } = theme.useToken()
  const page = pagesOf[e.aggregate]
  const any = (text?: string) => <span style={{ overflowWrap: 'anywhere' }}>{text}</span>
  const copy = () =>
    void (navigator.clipboard?.writeText(JSON.stringify(e, null, 2)).then(
      () => message.success(t('operations.copied')),
      () => message.error(t('operations.copyFailed')),
    ) ?? message.error(t('operations.copyFailed')))
  const facts = [
    [t('operations.at'), moment(e.time)],
    [t('operations.aggregate'), page ? <Link to={`/${e.biz}/${page}/${e.aggregate_id}`}><About event={e} /></Link> : <About event={e} />],
    [t('operations.actor'), <span key="who" title={e.actor} style={{ overflowWrap: 'anywhere' }}>{who(e.actor ?? '')}</span>],
    [t('operations.seq'), number(String(e.seq))],
    [t('operations.command'), any(e.command_id)],
    ...(e.count ? [[t('operations.count'), number(String(e.count))]] : []),
    ...(e.part ? [[t('operations.part'), number(String(e.part))]] : []),
  ] as const
  return (
    <Flex vertical gap={16}>
      <Descriptions size="small" column={1} bordered items={facts.map(([label, children]) => ({ key: String(label), label, children }))} />
      <Flex justify="space-between" align="center" gap={8} wrap>
        <Typography.Title level={3} style={{ fontSize: 16, margin: 0 }}>{t('operations.data')}</Typography.Title>
        <Flex gap={8} wrap>
          <Button onClick={() => filter({ ...noFilters, system: e.biz === '_', kind: e.aggregate, id: e.aggregate_id })}>{t('operations.onlyThis')}</Button>
          <Button onClick={copy}>{t('operations.copyJson')}</Button>
        </Flex>
      </Flex>
      {e.data === undefined ? (
        <Typography.Text type="secondary">{t('operations.noData')}</Typography.Text>
      ) : (
        <pre tabIndex={0} aria-label={t('operations.data')} style={{ margin: 0, padding: 12, overflow: 'auto', maxHeight: 480, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', background: token.colorFillQuaternary, borderRadius: token.borderRadius, fontSize: 13 }}>
          {JSON.stringify(e.data, null, 2)}
        </pre>
      )}
    </Flex>
  )
}
