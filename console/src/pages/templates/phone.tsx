// A template as somebody gets it: a subscribe message on a phone, or the JSON that a webhook gets.
import { EllipsisOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Flex, theme, Typography } from 'antd'
import { Fragment, type ReactNode } from 'react'
import type { Template } from '../../api/client'
import { useLines } from '../../api/lines'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { own, parts } from './fill'
import { inOrder, isKeyword, keywordOf } from './limits'
import { Post } from './post'

export type Shown = Pick<Template, 'id' | 'channel' | 'data'> & Partial<Pick<Template, 'name' | 'page' | 'url' | 'provider_template_id'>>

type Props = {
  template: Shown
  /** What fills {{name}}: user_id, attributes, the campaign's variables. Others show by their name. */
  values?: Readonly<Record<string, string>>
  /** Texts by key that the server filled already, instead of the template's. */
  filled?: Readonly<Record<string, string>>
}

export function Phone({ template, values = {}, filled }: Props) {
  return template.channel === 'webhook' ? <Post template={template} values={values} filled={filled} /> : <Message template={template} values={values} filled={filled} />
}

/** A text with its places filled in; those that nothing fills stand out. */
export function Filled({ text, values, empty }: { text: string; values: Readonly<Record<string, string>>; empty?: ReactNode }) {
  const { token } = theme.useToken()
  if (text === '') return empty
  return parts(text).parts.map((p, i) => {
    const value = 'literal' in p ? p.literal : own(values, p.name)
    return (
      <Fragment key={i}>
        {value ?? <mark style={{ color: token.colorText, background: token.colorWarningBg, boxShadow: `0 0 0 1px ${token.colorWarningBorder}`, borderRadius: 3, marginInline: 2, paddingInline: 2 }}>{'name' in p && `[${p.name}]`}</mark>}
      </Fragment>
    )
  })
}

function useSender(): string {
  const biz = useBiz()
  const lines = useLines()
  return lines.data?.items?.find((l) => l.biz === biz)?.name || biz
}

/** thing1 as Thing, or Thing 1 where there are several of its type. */
function useLabel(keys: string[]): (key: string) => string {
  const { t } = useSpeech()
  const types = keys.map(keywordOf)
  return (key) => {
    const type = keywordOf(key)
    if (!type || !isKeyword(type)) return key
    const word = t(`templates.type.${type}`)
    return types.filter((x) => x === type).length > 1 ? `${word} ${key.slice(type.length)}` : word
  }
}

function Message({ template, values, filled }: Required<Pick<Props, 'template' | 'values'>> & Pick<Props, 'filled'>) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const sender = useSender()
  const keys = inOrder(Object.keys(template.data ?? {}))
  const label = useLabel(keys)
  const line = `1px solid ${token.colorBorderSecondary}`
  const quiet = { color: token.colorTextSecondary, fontSize: 14 }
  return (
    <section aria-label={t('templates.phone')}
      style={{ boxSizing: 'border-box', width: '100%', maxWidth: 376, marginInline: 'auto', border: `8px solid ${token.colorBorder}`, borderRadius: 32, overflow: 'hidden', background: token.colorBgLayout }}>
      <Flex justify="space-between" style={{ padding: '8px 20px 0', fontSize: 12, fontWeight: 600 }} aria-hidden="true">
        <span>9:41</span>
        <span>5G</span>
      </Flex>
      <Flex align="center" justify="space-between" style={{ padding: '8px 12px 10px', borderBottom: line }}>
        <LeftOutlined aria-hidden="true" />
        <strong>{t('templates.service')}</strong>
        <EllipsisOutlined aria-hidden="true" />
      </Flex>
      <div style={{ padding: '16px 12px 28px', minHeight: 260 }}>
        <div style={{ background: token.colorBgElevated, borderRadius: 8, border: line }}>
          <Flex align="center" gap={8} style={{ padding: '12px 16px 0' }}>
            <Flex align="center" justify="center" aria-hidden="true"
              style={{ flex: 'none', width: 22, height: 22, borderRadius: 11, background: token.colorFillSecondary, color: token.colorText, fontSize: 12, fontWeight: 600 }}>
              {[...sender][0]?.toUpperCase()}
            </Flex>
            <Typography.Text ellipsis style={{ ...quiet, flex: 1, minWidth: 0 }} title={sender}>
              {sender}
            </Typography.Text>
          </Flex>
          <div style={{ padding: '10px 16px 4px', fontSize: 17, fontWeight: 600, lineHeight: 1.4, overflowWrap: 'anywhere' }}>
            {template.name || template.id || t('templates.untitled')}
          </div>
          <dl style={{ margin: 0, padding: '6px 16px 14px', display: 'grid', gridTemplateColumns: 'minmax(56px, max-content) 1fr', gap: '8px 14px', fontSize: 15 }}>
            {keys.length === 0 && <dd style={{ ...quiet, margin: 0, gridColumn: '1 / -1' }}>{t('templates.noKeywords')}</dd>}
            {keys.map((key) => (
              <Fragment key={key}>
                <dt style={{ ...quiet, fontSize: 15, maxWidth: 110, overflowWrap: 'anywhere' }} title={key}>
                  {label(key)}
                </dt>
                <dd style={{ margin: 0, minWidth: 0, overflowWrap: 'anywhere' }}>
                  {filled?.[key] ?? <Filled text={template.data[key] ?? ''} values={values} empty={<span style={quiet}>…</span>} />}
                </dd>
              </Fragment>
            ))}
          </dl>
          <Flex align="center" justify="space-between" style={{ borderTop: line, padding: '12px 16px', fontSize: 14 }} title={template.page || undefined}>
            {t('templates.enter')}
            <RightOutlined aria-hidden="true" style={{ fontSize: 11, color: token.colorTextSecondary }} />
          </Flex>
        </div>
      </div>
    </section>
  )
}
