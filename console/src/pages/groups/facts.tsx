import { Card, Descriptions, Flex, Typography } from 'antd'
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
  return (
    <Card>
      <Descriptions
        column={{ xs: 1, sm: 2, lg: 3, xl: 4 }}
        layout="vertical"
        colon={false}
        items={[
          { key: 'count', label: t('groups.count'), children: <Typography.Text strong style={{ fontSize: 20 }} data-testid="count">{number(String(g.count))}</Typography.Text> },
          { key: 'status', label: t('groups.status'), children: <span><Status of={g.status} /></span> },
          { key: 'kind', label: t('groups.kind'), children: <Kind of={g} /> },
          { key: 'identity', label: t('groups.identity'), children: t(phones ? 'groups.phone' : 'groups.user') },
          ...(phones || String(g.unmatched) !== '0'
            ? [{
                key: 'unmatched', label: t('groups.unmatched'),
                children: (
                  <Flex gap={8} wrap>
                    {number(String(g.unmatched))}
                    {String(g.unmatched) !== '0' && <a href={`/v1/${biz}/groups/${g.id}/unmatched.csv`} download={`group-${g.id}-unmatched.csv`}>{t('groups.download')}</a>}
                  </Flex>
                ),
              }]
            : []),
          { key: 'expires', label: t('groups.expires'), children: <Expiry of={g} /> },
          { key: 'version', label: t('groups.version'), children: number(String(g.version)) },
          { key: 'created', label: t('groups.created'), children: time(g.created_at) },
          { key: 'updated', label: t('groups.updated'), children: time(g.updated_at) },
          { key: 'id', label: t('groups.id'), children: <Typography.Text copyable={{ tooltips: [t('groups.copy'), t('groups.copied')] }}>{String(g.id)}</Typography.Text> },
          ...(local ? [{ key: 'path', label: t('groups.path'), children: <code style={wrap}>{local.path}</code> }] : []),
          ...(local?.column ? [{ key: 'column', label: t('groups.column'), children: <code style={wrap}>{local.column}</code> }] : []),
          ...(notes && notes !== '{}' && notes !== 'null' ? [{ key: 'notes', label: t('groups.notes'), children: <code style={wrap}>{notes}</code> }] : []),
        ]}
      />
    </Card>
  )
}
