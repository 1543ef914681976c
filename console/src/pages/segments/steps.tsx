// What each top-level clause does to the number: how many it holds for, and what it takes away or adds.
import { Flex, Table, Tag, Typography } from 'antd'
import { useZone } from '../../api/lines'
import { useSpeech } from '../../i18n'
import { Scrolls } from '../../ui/scrolls'
import { Failure } from '../../ui/states'
import { useExplained } from './counts'
import { type Tree, text } from './grammar'
import { followed, letter, parts, preorder } from './overlap'
import { Bar } from './picture'
import { Said } from './said'
import { days, windows } from './days'

export function Steps({ biz, tree }: { biz: string; tree: Tree }) {
  const { t, number } = useSpeech()
  const of = parts(tree)
  const many = preorder(tree).length > followed
  const asks = !many && (of.length > 1 || preorder(tree).some((n) => 'orders' in n))
  const explained = useExplained(biz, asks ? text(tree) : '')
  if (!asks) return many ? <Typography.Text type="secondary">{t('segments.tooMany')}</Typography.Text> : null
  if (explained.error) return <Failure error={explained.error} retry={() => void explained.refetch()} />
  const clauses = explained.data?.clauses ?? []
  if (of.length < 2) return <Windows biz={biz} of={windows(clauses, 1)[0]} />
  const all = 'all' in tree
  const seen = windows(clauses, 2)
  const top = clauses.filter((c) => c.depth === 2)
  const known = BigInt(explained.data?.known_users ?? 0)
  const rows = of.map((node, i) => {
    const [now, before] = [top[i], top[i - 1]]
    const step = now?.running !== undefined && before?.running !== undefined ? BigInt(now.running) - BigInt(before.running) : undefined
    return { key: i, node, users: now && BigInt(now.users), running: now?.running === undefined ? undefined : String(now.running), step: step === undefined ? '' : number(String(step < 0n ? -step : step)) }
  })
  return (
    <Scrolls label={t('segments.steps')} width={600}>
      <Table size="small" pagination={false} tableLayout="fixed" dataSource={rows} loading={explained.isPending}
        columns={[
          {
            title: t('segments.step'), key: 'step', ellipsis: true,
            render: (_, r) => (
              <>
                <Flex gap={4} align="center" style={{ minWidth: 0 }}>
                  <Tag style={{ flex: 'none' }}>{letter(r.key)}</Tag>
                  <Said biz={biz} node={r.node} />
                </Flex>
                <Windows biz={biz} of={seen[r.key]} />
              </>
            ),
          },
          { title: t('segments.holds'), key: 'holds', width: 190, render: (_, r) => r.users !== undefined && <Bar users={r.users} most={known} strong={false} /> },
          { title: t(all ? 'segments.takes' : 'segments.adds'), key: 'does', align: 'right', width: 110, render: (_, r) => r.step },
          { title: t(all ? 'segments.left' : 'segments.sofar'), key: 'left', align: 'right', width: 110, render: (_, r) => r.running && number(r.running) },
        ]} />
    </Scrolls>
  )
}

/** The days that order clauses look at. */
function Windows({ biz, of = [] }: { biz: string; of?: [string, string][] }) {
  const { t, language } = useSpeech()
  const zone = useZone(biz)
  if (of.length === 0) return null
  return (
    <Typography.Text type="secondary" style={{ display: 'block', fontSize: 12, whiteSpace: 'normal' }}>
      {t('segments.window', { days: of.map((w) => days(language, zone, w)).join('; ') })}
    </Typography.Text>
  )
}
