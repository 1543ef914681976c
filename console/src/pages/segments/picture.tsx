// The overlap of the top-level clauses: a bar for every region, in a table that says the same in words.
import { Card, Flex, Table, Typography, theme } from 'antd'
import { useMemo } from 'react'
import { useSpeech } from '../../i18n'
import { Scrolls } from '../../ui/scrolls'
import { Failure, Loading } from '../../ui/states'
import { useCount, useExplained } from './counts'
import { type Tree, text } from './grammar'
import { type Asked, letter, overlapOf, parts, type Region, regions } from './overlap'
import { useSaid } from './said'

export function Overlap({ biz, tree }: { biz: string; tree: Tree }) {
  const { t } = useSpeech()
  const of = useMemo(() => parts(tree), [tree])
  const asked = useMemo(() => overlapOf(of), [of])
  if (of.length < 2) return null
  return (
    <Card size="small" title={<h2 style={{ font: 'inherit', margin: 0 }}>{t('segments.overlap')}</h2>} styles={{ body: { padding: 12 } }}>
      {asked ? <Regions biz={biz} asked={asked} all={'all' in tree} /> : <Ends biz={biz} of={of} all={'all' in tree} />}
    </Card>
  )
}

function Regions({ biz, asked, all }: { biz: string; asked: Asked; all: boolean }) {
  const { t } = useSpeech()
  const explained = useExplained(biz, text(asked.tree))
  if (explained.error) return <Failure error={explained.error} retry={() => void explained.refetch()} />
  if (!explained.data) return <Loading />
  const found = regions(asked, (explained.data.clauses ?? []).map((c) => c.users))
  const whole = (1 << asked.of.length) - 1
  const most = found[0]?.users ?? 0n
  return (
    <Flex vertical gap={8}>
      <Typography.Text type="secondary">{t(all ? 'segments.overlapAll' : 'segments.overlapAny')}</Typography.Text>
      <Scrolls label={t('segments.overlap')} width={170 + asked.of.length * 34}>
        <Table<Region> size="small" pagination={false} rowKey="set" dataSource={found} tableLayout="fixed"
        columns={[
          ...asked.of.map((clause, i) => ({
            title: <Lettered biz={biz} node={clause} i={i} />, key: i, width: 34, align: 'center' as const,
            render: (_: unknown, r: Region) => <Dot on={(r.set & (1 << i)) !== 0} />,
          })),
          { title: t('segments.users'), key: 'users', render: (_, r) => <Bar users={r.users} most={most} strong={!all || r.set === whole} /> },
        ]} />
      </Scrolls>
    </Flex>
  )
}

/** More clauses than can be drawn: what all of them share, and what any of them has. */
function Ends({ biz, of, all }: { biz: string; of: Tree[]; all: boolean }) {
  const { t } = useSpeech()
  const shared = useCount(biz, text({ all: of }))
  const any = useCount(biz, text({ any: of }))
  const error = shared.error ?? any.error
  if (error) return <Failure error={error} retry={() => void Promise.all([shared.refetch(), any.refetch()])} />
  if (!shared.data || !any.data) return <Loading />
  const most = BigInt(any.data.count)
  const rows = [
    { key: 'all', title: t('segments.sharedAll', { n: of.length }), users: BigInt(shared.data.count), strong: all },
    { key: 'any', title: t('segments.sharedAny', { n: of.length }), users: most, strong: !all },
  ]
  return (
    <Scrolls label={t('segments.overlap')} width={320}>
      <Table size="small" pagination={false} dataSource={rows} tableLayout="fixed"
      columns={[
        { title: t('segments.step'), key: 'title', width: 170, render: (_, r) => r.title },
        { title: t('segments.users'), key: 'users', render: (_, r) => <Bar users={r.users} most={most} strong={r.strong} /> },
      ]} />
    </Scrolls>
  )
}

function Lettered({ biz, node, i }: { biz: string; node: Tree; i: number }) {
  const said = useSaid(biz, node)
  return <span title={said}>{letter(i)}</span>
}

function Dot({ on }: { on: boolean }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const word = t(on ? 'segments.in' : 'segments.out')
  return (
    <span role="img" aria-label={word} title={word}
      style={{ display: 'inline-block', width: 12, height: 12, borderRadius: 6, boxSizing: 'border-box', border: `2px solid ${on ? token.colorText : token.colorTextTertiary}`, background: on ? token.colorText : 'transparent', verticalAlign: 'middle' }} />
  )
}

/** A number with a bar as long as it is large; strong where these users are in the segment. */
export function Bar({ users, most, strong }: { users: bigint; most: bigint; strong: boolean }) {
  const { number } = useSpeech()
  const { token } = theme.useToken()
  const share = most === 0n ? 0 : Number((users * 1000n) / most) / 10
  return (
    <Flex align="center" gap={8}>
      <div style={{ flex: 1, minWidth: 40 }} aria-hidden="true">
        <div style={{ width: `${share}%`, minWidth: users > 0n ? 2 : 0, height: 14, borderRadius: token.borderRadiusXS, background: strong ? token.colorPrimary : token.colorTextTertiary }} />
      </div>
      <Typography.Text strong={strong} style={{ width: 88, flex: 'none', textAlign: 'end', fontVariantNumeric: 'tabular-nums' }}>
        {number(String(users))}
      </Typography.Text>
    </Flex>
  )
}
