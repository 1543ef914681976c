// How many users a segment has, and what each of its clauses does to that number.
import { ReloadOutlined } from '@ant-design/icons'
import { Alert, Button, Flex, Spin, Tooltip, Typography, theme } from 'antd'
import { useMemo } from 'react'
import { ApiError } from '../../api/client'
import { useSpeech } from '../../i18n'
import { useCount } from './counts'
import { type Tree, text } from './grammar'
import { read } from './read'
import { useSettled } from '../../ui/settled'
import { useSaid } from '../../ui/states'
import { Steps } from './steps'

/** whole: whether the text says all that is built. */
export function AudienceSize({ biz, where, whole = true }: { biz: string; where: string; whole?: boolean }) {
  const asked = useAsked(where, whole)
  const refused = useRefused(biz, asked)
  return (
    <Flex vertical gap={12}>
      <Count biz={biz} {...asked} />
      {asked.tree && !refused && <Steps biz={biz} tree={asked.tree} />}
    </Flex>
  )
}

/** What is asked about: the segment once it stands still; stale says that something newer is coming. */
export type Asking = { tree?: Tree; state: 'empty' | 'wrong' | 'unfinished' | 'stale' | 'settled' }

/** Why there is nothing to count. */
export const why = { empty: 'segments.none', wrong: 'segments.wrong', unfinished: 'segments.finishFirst' } as const

export function useAsked(where: string, whole: boolean): Asking {
  const { tree, error } = useMemo(() => read(where), [where])
  const now = tree ? text(tree) : ''
  const settled = useSettled(now)
  const kept = useMemo(() => read(settled).tree, [settled])
  if (error) return { state: 'wrong' }
  if (!whole) return { state: 'unfinished' }
  if (!tree) return { state: 'empty' }
  return { tree: kept, state: settled === now ? 'settled' : 'stale' }
}

/** Whether the server refuses it: then there is no more to say than why. */
export function useRefused(biz: string, { tree }: Asking): boolean {
  return useCount(biz, tree ? text(tree) : '').isError
}

/** The exact number, and how long it took to count. */
export function Count({ biz, tree, state }: Asking & { biz: string }) {
  const { t, number } = useSpeech()
  const { token } = theme.useToken()
  const count = useCount(biz, tree ? text(tree) : '')
  if (state === 'empty' || state === 'wrong' || state === 'unfinished') {
    return (
      <Typography.Text type="secondary" role="status">
        {t(why[state])}
      </Typography.Text>
    )
  }
  const waiting = state === 'stale' || count.isFetching
  const again = () => void count.refetch()
  if (count.error && !waiting) return <Refused error={count.error} retry={again} />
  return (
    <Flex vertical aria-busy={waiting}>
      <Typography.Text type="secondary">{t('segments.users')}</Typography.Text>
      <Flex gap={8} align="center" style={{ minHeight: 40 }}>
        <Typography.Text role="status" style={{ fontSize: 28, lineHeight: '40px', fontVariantNumeric: 'tabular-nums', ...(state === 'stale' && { color: token.colorTextSecondary }) }}>
          {count.data ? number(String(count.data.count)) : t('segments.counting')}
        </Typography.Text>
        {waiting ? (
          <Spin size="small" />
        ) : (
          <Tooltip title={t('segments.again')}>
            <Button type="text" icon={<ReloadOutlined />} aria-label={t('segments.again')} onClick={again} />
          </Tooltip>
        )}
      </Flex>
      <Typography.Text type="secondary" style={{ minHeight: 22 }}>
        {count.data && !waiting && t('segments.took', { ms: number(Math.round(Number(count.data.took_ms) * 10) / 10) })}
      </Typography.Text>
    </Flex>
  )
}

/** Everything that the server says is wrong. */
function Refused({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useSpeech()
  const said = useSaid()
  const faults = error instanceof ApiError ? [...new Set((error.problem.errors ?? []).map((e) => e.message))] : []
  const messages = faults.length > 0 ? faults : [said(error)]
  return (
    <Alert type="error" showIcon role="alert" action={<Button size="small" onClick={retry}>{t('app.retry')}</Button>}
      title={messages.map((m) => <div key={m} style={{ overflowWrap: 'anywhere' }}>{m}</div>)} />
  )
}
