import { Card, Flex, Typography } from 'antd'
import type { ReactNode } from 'react'
import type { Group } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Status } from '../../ui/status'
import { Expiry, Kind } from './kind'

type Local = { path?: string; column?: string }

/** What a group is, at a glance. */
export function Facts({ biz, g }: { biz: string; g: Group }) {
  const { t, number, time } = useSpeech()
  const local = (g.subkind === 'local' ? g.content : undefined) as Local | undefined
  const phones = g.identity === 'phone'
  const notes = g.ext ? JSON.stringify(g.ext) : ''
  const wrap = { overflowWrap: 'anywhere' } as const
  const items: { key: string; label: string; value: ReactNode }[] = [
    { key: 'count', label: t('groups.count'), value: <Typography.Text strong style={{ fontSize: 18, lineHeight: 1.3 }} data-testid="count">{number(String(g.count))}</Typography.Text> },
    { key: 'status', label: t('groups.status'), value: <span><Status of={g.status} /></span> },
    { key: 'kind', label: t('groups.kind'), value: <Kind of={g} /> },
    { key: 'identity', label: t('groups.identity'), value: t(phones ? 'groups.phone' : 'groups.user') },
    ...(phones || String(g.unmatched) !== '0'
      ? [{
          key: 'unmatched', label: t('groups.unmatched'),
          value: (
            <Flex gap={8} wrap>
              {number(String(g.unmatched))}
              {String(g.unmatched) !== '0' && <a href={`/v1/${biz}/groups/${g.id}/unmatched.csv`} download={`group-${g.id}-unmatched.csv`}>{t('groups.download')}</a>}
            </Flex>
          ),
        }]
      : []),
    { key: 'expires', label: t('groups.expires'), value: <Expiry biz={biz} of={g} /> },
    { key: 'version', label: t('groups.version'), value: number(String(g.version)) },
    { key: 'created', label: t('groups.created'), value: time(g.created_at) },
    { key: 'updated', label: t('groups.updated'), value: time(g.updated_at) },
    { key: 'id', label: t('groups.id'), value: <Typography.Text copyable={{ tooltips: [t('groups.copy'), t('groups.copied')] }}>{String(g.id)}</Typography.Text> },
    ...(local ? [{ key: 'path', label: t('groups.path'), value: <code style={wrap}>{local.path}</code> }] : []),
    ...(local?.column ? [{ key: 'column', label: t('groups.column'), value: <code style={wrap}>{local.column}</code> }] : []),
    ...(notes && notes !== '{}' && notes !== 'null' ? [{ key: 'notes', label: t('groups.notes'), value: <code style={wrap}>{notes}</code> }] : []),
  ]
  return (
    <Card size="small">
      <dl style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(max(130px, 16%), 1fr))', gap: '12px 16px', margin: 0, padding: 8 }}>
        {items.map(({ key, label, value }) => (
          <div key={key} style={{ minWidth: 0 }}>
            <dt><Typography.Text type="secondary">{label}</Typography.Text></dt>
            <dd style={{ margin: 0, minHeight: 24 }}>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
