import { Alert, Card, Flex } from 'antd'
import { Link } from 'react-router'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Failure, Loading } from '../../ui/states'
import { Attention } from '../overview/attention'
import { useStreams } from './streams'
import { ago } from '../../i18n/units'
import { isStuck, verdict } from './verdict'

/** Everything that does not move, and where to look. */
export function Stuck() {
  const { t } = useSpeech()
  const { biz: scope } = useSession()
  const biz = useBiz()
  return (
    <Flex vertical gap={16}>
      <Card title={t('operations.stuckIn')}>
        <Attention biz={biz} />
      </Card>
      {scope === '*' && (
        <Card title={t('operations.stuckLog')}>
          <Work biz={biz} />
        </Card>
      )}
    </Flex>
  )
}

function Work({ biz }: { biz: string }) {
  const { t, number, language } = useSpeech()
  const streams = useStreams()
  if (!streams.data) return streams.failureReason ? <Failure error={streams.failureReason} retry={() => void streams.refetch()} /> : <Loading />
  const behind = (streams.data.items ?? []).filter((s) => s.behind?.length)
  const all = (streams.data.items ?? []).flatMap((s) => (s.consumers ?? []).map((c) => ({ c, v: verdict(c) })))
  const stuck = all.flatMap(({ c, v }) => (isStuck(v) ? [{ c, v }] : []))
  if (stuck.length + behind.length === 0) return <span>{t('operations.stuckNone')}</span>
  const look = (
    <Link to={`/${biz}/operations?tab=streams`}>{t('operations.look')}</Link>
  )
  return (
    <Flex vertical gap={8}>
      {behind.map((s) => (
        <Alert key={s.name} type="warning" showIcon title={`${s.name}: ${t('operations.behindReplicas', { names: (s.behind ?? []).join(', ') })}`} action={look} />
      ))}
      {stuck.map(({ c, v }) => {
        const n = number(v === 'retrying' ? String(c.redelivered) : String(c.pending))
        const since = c.last_at ?? c.oldest_at
        return <Alert key={c.name} type={v === 'unattended' ? 'error' : 'warning'} showIcon title={t(`operations.why.${v}`, { name: c.name, n, ago: since ? ago(language, since) : '' })} action={look} />
      })}
    </Flex>
  )
}
