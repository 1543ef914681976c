// What became of everybody, as charts, as a table and as a file.
import { DownloadOutlined } from '@ant-design/icons'
import { Button, Card, Flex, Table, theme, Typography } from 'antd'
import { lazy, Suspense, useMemo } from 'react'
import { useNavigate } from 'react-router'
import type { Report as Books } from '../../api/client'
import { useSpeech } from '../../i18n'
import { csv, save } from '../../ui/save'
import { Loading, Nothing } from '../../ui/states'
import { bars, ring } from './options'
import { useColors } from './outcomes'
import { type Ending, endings } from './read'
import { useReason } from './reason'
import { useShare } from './share'
import { nobody } from './status'

const Chart = lazy(() => import('./chart'))

type Props = { biz: string; id: string; report: Books; to: (e: Ending | '') => string }

export function Report({ biz, id, report, to }: Props) {
  const { t, number } = useSpeech()
  const share = useShare()
  const { token } = theme.useToken()
  const colors = useColors()
  const said = useReason()
  const navigate = useNavigate()
  const audience = Number(report.audience)
  const reasons = useMemo(
    () => Object.entries(report.by_code ?? {}).map(([code, n]) => ({ code, n: String(n), words: said(code) })).sort((a, b) => Number(b.n) - Number(a.n)),
    [report.by_code, said],
  )
  if (audience === 0) return <Nothing text={t(nobody(report.status) ?? 'campaigns.noReport')} />
  const parts = endings.filter((e) => Number(report[e]) > 0).map((e) => ({ key: e, name: t(`campaigns.${e}`), n: String(report[e]) }))
  const text = { color: token.colorText, quiet: token.colorTextSecondary, back: token.colorBgElevated, line: token.colorBorder, font: token.fontFamily }
  const inWords = (list: { name: string; n: string }[]) => list.map((p) => `${p.name} ${number(p.n)}`).join(', ')
  const top = reasons.slice(0, 8)
  const file = () => {
    const rows = [...endings.map((e) => [e, '', t(`campaigns.${e}`), String(report[e])]), ...reasons.map((r) => ['', r.code, r.words, r.n])]
    save(`campaign-${id}-report.csv`, csv([['outcome', 'code', 'meaning', 'users'], ['audience', '', t('campaigns.audience'), String(report.audience)], ...rows]))
  }
  return (
    <Flex vertical gap={16}>
      <Flex gap={8} wrap justify="end">
        <Button icon={<DownloadOutlined />} onClick={file}>
          {t('campaigns.csvReport')}
        </Button>
        <Button icon={<DownloadOutlined />} href={`/v1/${encodeURIComponent(biz)}/campaigns/${id}/recipients.csv`} download>
          {t('campaigns.csvUsers')}
        </Button>
      </Flex>
      <Flex gap={16} wrap align="stretch">
        <Card title={t('campaigns.outcomes')} style={{ flex: '2 1 300px', minWidth: 0 }}>
          <Suspense fallback={<Loading />}>
            <Chart height={260} label={t('campaigns.ring', { n: number(audience), parts: inWords(parts) })}
              onClick={(name) => void navigate(to(parts.find((p) => p.name === name)?.key ?? ''))}
              option={ring(parts.map((p) => ({ name: p.name, value: Number(p.n), label: `${number(p.n)} · ${share(Number(p.n), audience)}`, color: colors[p.key] })), number(String(report.audience)), t('campaigns.audience'), text)} />
          </Suspense>
          <Flex wrap gap={16} justify="center">
            {parts.map((p) => (
              <Flex key={p.key} align="center" gap={6}>
                <span aria-hidden="true" style={{ width: 10, height: 10, borderRadius: 2, background: colors[p.key] }} />
                {p.name} {share(Number(p.n), audience)}
              </Flex>
            ))}
          </Flex>
        </Card>
        <Card title={t('campaigns.codes')} style={{ flex: '3 1 420px', minWidth: 0, maxWidth: '100%' }}>
          {reasons.length === 0 ? (
            <Nothing text={t(Number(report.pending) ? 'campaigns.noReasonsYet' : 'campaigns.noReasons')} />
          ) : (
            <Suspense fallback={<Loading />}>
              <Chart height={Math.max(120, 44 * top.length + 24)} label={t('campaigns.bars', { parts: inWords(top.map((r) => ({ name: r.words, n: r.n }))) })}
                option={bars(top.map((r) => ({ name: r.words, value: Number(r.n), label: `${number(r.n)} · ${share(Number(r.n), audience)}` })), token.colorError, text)} />
            </Suspense>
          )}
        </Card>
      </Flex>
      {reasons.length > 0 && (
        <Table size="middle" pagination={false} rowKey="code" dataSource={reasons} aria-label={t('campaigns.codes')}
          columns={[
            { title: t('campaigns.reason'), render: (_, r) => <Flex wrap align="center" gap={8} style={{ overflowWrap: 'anywhere' }}>{r.words}{r.code && <Typography.Text code>{r.code}</Typography.Text>}</Flex> },
            { title: t('campaigns.users'), width: 110, align: 'right', render: (_, r) => number(r.n) },
            { title: t('campaigns.share'), width: 90, align: 'right', render: (_, r) => share(Number(r.n), audience) },
          ]} />
      )}
    </Flex>
  )
}
