import { Button, Descriptions, Flex, Typography, theme } from 'antd'
import { useState } from 'react'
import type { User } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Copied, Phone } from './phone'

/** What a user is known by. */
export function Identity({ user }: { user: User }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  return (
    <Descriptions size="small" column={{ xs: 1, sm: 1, md: 2, xl: 3 }} styles={{ label: { color: token.colorTextSecondary } }}
      items={[
        { key: 'id', label: t('users.id'), children: <Copied text={String(user.user_id)} /> },
        { key: 'phone', label: t('users.phone'), children: <Phone of={user.phone} /> },
        { key: 'openid', label: t('users.openid'), children: user.openid ? <Copied text={user.openid} /> : <Typography.Text type="secondary">{t('users.none')}</Typography.Text> },
      ]} />
  )
}

const few = 8
const long = 80 // characters from which on an attribute has a row of its own

/** Everything else that is known of a user, by name. */
export function Attributes({ of }: { of: Record<string, string> }) {
  const { t, number } = useSpeech()
  const { token } = theme.useToken()
  const [all, showAll] = useState(false)
  const entries = Object.entries(of).sort(([a], [b]) => a.localeCompare(b))
  if (entries.length === 0) return <Typography.Text type="secondary">{t('users.noAttributes')}</Typography.Text>
  return (
    <Flex vertical gap={8} align="start">
      <dl style={{ margin: 0, width: '100%', display: 'grid', gap: '12px 24px', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 220px), 1fr))' }}>
        {(all ? entries : entries.slice(0, few)).map(([name, value]) => (
          <div key={name} style={{ minWidth: 0, overflowWrap: 'anywhere', ...(name.length + value.length > long && { gridColumn: '1 / -1' }) }}>
            <dt style={{ color: token.colorTextSecondary }}>{name}</dt>
            <dd style={{ margin: 0, whiteSpace: 'pre-wrap' }}>{value || '—'}</dd>
          </div>
        ))}
      </dl>
      {entries.length > few && (
        <Button size="small" aria-expanded={all} onClick={() => showAll(!all)}>
          {all ? t('users.fewer') : t('users.all', { n: number(entries.length) })}
        </Button>
      )}
    </Flex>
  )
}
