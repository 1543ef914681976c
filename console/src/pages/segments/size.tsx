// How many users a segment has, and what each of its clauses does to that number.
import { Flex, Spin, Statistic, Table, Typography } from 'antd'
import { useMemo } from 'react'
import { useSpeech } from '../../i18n'
import { Failure } from '../../ui/states'
import { useCount, useExplained } from './counts'
import { type Tree, text } from './grammar'
import { read } from './read'
import { Said } from './said'
import { useSettled } from './settled'
import { children } from './tree'

export function AudienceSize({ biz, where }: { biz: string; where: string }) {
  const { t } = useSpeech()
  const { tree, error } = useMemo(() => read(where), [where])
  const now = tree ? text(tree) : ''
  const asked = useSettled(now)
  if (error) return <Typography.Text type="secondary">{t('segments.wrong')}</Typography.Text>
  if (!tree) return <Typography.Text type="secondary">{t('segments.none')}</Typography.Text>
  return <Sized biz={biz} tree={tree} where={asked} stale={asked !== now} />
}

function Sized({ biz, tree, where, stale }: { biz: string; tree: Tree; where: string; stale: boolean }) {
  const { t, number, percent } = useSpeech()
  const count = useCount(biz, where)
  const explained = useExplained(biz, where)
  const waiting = stale || count.isFetching
  if (count.error && !waiting) return <Failure error={count.error} retry={() => void count.refetch()} />
  const known = explained.data && String(explained.data.known_users)
  const users = count.data && String(count.data.count)
  return (
    <Flex vertical gap={12} aria-busy={waiting}>
      <div role="status">
        <Flex gap={12} align="center">
          <Statistic title={t('segments.users')} value={users === undefined || stale ? '…' : number(users)} styles={{ content: { fontVariantNumeric: 'tabular-nums' } }} />
          {waiting && <Spin aria-label={t('segments.counting')} />}
        </Flex>
        {count.data && !stale && (
          <Typography.Text type="secondary">
            {t('segments.took', { ms: number(Math.round(Number(count.data.took_ms) * 10) / 10) })}
            {known && known !== '0' && ` · ${t('segments.known', { share: percent(Number(users) / Number(known)), n: number(known) })}`}
          </Typography.Text>
        )}
      </div>
      {!stale && explained.data && <Steps biz={biz} tree={tree} clauses={explained.data.clauses ?? []} />}
    </Flex>
  )
}

type Clause = { depth: number; users: number | string; running: number | string }

/** What each top-level clause takes away, or adds. */
function Steps({ biz, tree, clauses }: { biz: string; tree: Tree; clauses: Clause[] }) {
  const { t, number } = useSpeech()
  const all = 'all' in tree
  const top = clauses.filter((c) => c.depth === 2)
  const of = children(tree)
  if ('not' in tree || of.length < 2 || top.length !== of.length) return null
  const rows = top.map((c, i) => {
    const before = top[i - 1]
    const step = before === undefined ? undefined : BigInt(c.running) - BigInt(before.running)
    return { key: i, node: of[i] as Tree, users: String(c.users), running: String(c.running), step: step === undefined ? '' : number(String(step < 0n ? -step : step)) }
  })
  return (
    <Table size="small" pagination={false} scroll={{ x: 460 }} dataSource={rows} aria-label={t('segments.steps')}
      columns={[
        { title: t('segments.step'), ellipsis: true, render: (_, r) => <Said biz={biz} node={r.node} /> },
        { title: t('segments.holds'), align: 'right', width: 120, render: (_, r) => number(r.users) },
        { title: t(all ? 'segments.takes' : 'segments.adds'), align: 'right', width: 110, render: (_, r) => r.step },
        { title: t(all ? 'segments.left' : 'segments.sofar'), align: 'right', width: 120, render: (_, r) => number(r.running) },
      ]} />
  )
}
