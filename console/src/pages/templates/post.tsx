import { Flex, Tag, theme } from 'antd'
import { useSpeech } from '../../i18n'
import { fill } from './fill'
import type { Shown } from './phone'

/** The body that a webhook gets: an id is text, since JSON's numbers end at 2^53 (channels/webhook). */
export function body(template: Shown, values: Readonly<Record<string, string>>, filled?: Readonly<Record<string, string>>): { user_id: string; data: Record<string, string> } {
  const data = Object.keys(template.data ?? {})
    .sort()
    .map((key) => [key, filled?.[key] ?? fill(template.data[key] ?? '', values)])
  return { user_id: values.user_id ?? '12345', data: Object.fromEntries(data) }
}

/** A webhook's request. */
export function Post({ template, values, filled }: { template: Shown; values: Readonly<Record<string, string>>; filled?: Readonly<Record<string, string>> }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const sent = body(template, values, filled)
  const headers = [
    ['Content-Type', 'application/json'],
    ['Idempotency-Key', `31-${sent.user_id}`],
    ['Muster-Signature', 't=…,v1=…'],
  ]
  return (
    <section aria-label={t('templates.post')} style={{ border: `1px solid ${token.colorBorderSecondary}`, borderRadius: token.borderRadiusLG, overflow: 'hidden', background: token.colorBgContainer }}>
      <Flex gap={8} align="baseline" style={{ padding: '12px 16px', borderBottom: `1px solid ${token.colorBorderSecondary}`, fontFamily: token.fontFamilyCode, fontSize: 13 }}>
        <Tag style={{ margin: 0 }}>
          POST
        </Tag>
        <span style={{ overflowWrap: 'anywhere', minWidth: 0 }}>{template.url || <span style={{ color: token.colorTextSecondary }}>{t('templates.noUrl')}</span>}</span>
      </Flex>
      <div style={{ padding: '12px 16px 0', fontFamily: token.fontFamilyCode, fontSize: 13 }}>
        {headers.map(([name, value]) => (
          <div key={name} style={{ overflowWrap: 'anywhere' }}>
            <span style={{ color: token.colorTextSecondary }}>{name}:</span> {value}
          </div>
        ))}
      </div>
      <pre style={{ margin: 0, padding: '12px 16px 16px', fontFamily: token.fontFamilyCode, fontSize: 13, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{JSON.stringify(sent, null, 2)}</pre>
    </section>
  )
}
