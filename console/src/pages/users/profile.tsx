import { Button, Descriptions, Flex, Typography, theme } from 'antd'
import { useState } from 'react'
import type { User } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Copied, Phone } from './phone'

/** Labels that can be read: Ant Design's own are too pale. */
function useLabels() {
  return { label: { color: theme.useToken().token.colorTextSecondary } }
}

/** What a user is known by. */
export function Identity({ user }: { user: User }) {
  const { t } = useSpeech()
  const labels = useLabels()
  return (
    <Descriptions size="small" column={{ xs: 1, sm: 1, md: 2, xl: 3 }} styles={labels}
      items={[
        { key: 'id', label: t('users.id'), children: <Copied text={String(user.user_id)} /> },
        { key: 'phone', label: t('users.phone'), children: <Phone of={user.phone} /> },
        { key: 'openid', label: t('users.openid'), children: user.openid ? <Copied text={user.openid} /> : <Typography.Text type="secondary">{t('users.none')}</Typography.Text> },
      ]} />
  )
}

const few = 9

/** Everything else that is known of a user, by name. */
export function Attributes({ of }: { of: Record<string, string> }) {
  const { t, number } = useSpeech()
  const [all, showAll] = useState(false)
  const labels = useLabels()
  const entries = Object.entries(of).sort(([a], [b]) => a.localeCompare(b))
  if (entries.length === 0) return <Typography.Text type="secondary">{t('users.noAttributes')}</Typography.Text>
  return (
    <Flex vertical gap={8} align="start">
      <Descriptions size="small" column={{ xs: 1, sm: 1, md: 2, xl: 3 }} style={{ width: '100%' }} styles={labels}
        items={(all ? entries : entries.slice(0, few)).map(([name, value]) => ({
          key: name,
          label: <span style={{ overflowWrap: 'anywhere' }}>{name}</span>,
          children: <span style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{value || '—'}</span>,
        }))} />
      {entries.length > few && (
        <Button size="small" aria-expanded={all} onClick={() => showAll(!all)}>
          {all ? t('users.fewer') : t('users.all', { n: number(entries.length) })}
        </Button>
      )}
    </Flex>
  )
}
