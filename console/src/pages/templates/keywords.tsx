// The rows of a template: WeChat's keywords, or a webhook's fields, each with its text.
import { DeleteOutlined, PlusOutlined, SnippetsOutlined } from '@ant-design/icons'
import { AutoComplete, Button, Flex, Form, type FormInstance, Input, Tooltip } from 'antd'
import { type RefObject, useState } from 'react'
import { useSpeech } from '../../i18n'
import { type Draft, faults, maxRows, type Row } from './draft'
import { doubt, isKeyword, keywordOf, keywords, length, literalOf, rule } from './limits'
import { Paste } from './paste'
import { Doubtful, useFaults } from './say'

/** Where one writes: variables are put there. */
export type Caret = { row: number; input: HTMLInputElement | HTMLTextAreaElement }

type Props = { form: FormInstance<Draft>; channel: Draft['channel']; rows: (Row | undefined)[]; caret: RefObject<Caret | undefined> }

export function Keywords({ form, channel, rows, caret }: Props) {
  const { t } = useSpeech()
  const { hold } = useFaults()
  const [pasting, setPasting] = useState(false)
  const wechat = channel === 'wechat'
  const keys = rows.map((r) => r?.key ?? '')
  const next = (type: string) => `${type}${1 + Math.max(0, ...keys.filter((k) => keywordOf(k) === type).map((k) => Number(k.slice(type.length))))}`
  const offered = keywords.map((type) => ({
    value: next(type),
    label: (
      <Flex vertical>
        <strong>{next(type)}</strong>
        <span style={{ whiteSpace: 'normal' }}>{`${t(`templates.type.${type}`)} · ${t(`templates.rule.${type}`)}`}</span>
      </Flex>
    ),
  }))
  return (
    <Form.List name="rows">
      {(fields, { add, remove }, { errors }) => (
        <Flex vertical gap={14}>
          {fields.map(({ key: id, name: i }) => {
            const key = keys[i] ?? ''
            const text = rows[i]?.text ?? ''
            const here = key || String(i + 1)
            return (
              <Flex key={id} gap={8} wrap align="start" role="group" aria-label={here}>
                <Form.Item name={[i, 'key']} style={{ flex: '0 0 176px', marginBottom: 0 }} validateFirst
                  rules={[hold((s) => (s ? faults.key(channel, s, (form.getFieldValue('rows') as Row[]).map((r) => r?.key)) : { why: 'required' }))]}>
                  {wechat ? (
                    <AutoComplete aria-label={`${t('templates.key')} ${i + 1}`} placeholder={t('templates.key')} options={key === '' ? offered : offered.filter((o) => o.value.startsWith(key))}
                      popupMatchSelectWidth={300} listHeight={320} />
                  ) : (
                    <Input aria-label={`${t('templates.field')} ${i + 1}`} placeholder={t('templates.field')} spellCheck={false} />
                  )}
                </Form.Item>
                <Flex gap={8} align="start" style={{ flex: '1 1 220px', minWidth: 0 }}>
                  <Form.Item name={[i, 'text']} style={{ flex: 1, minWidth: 0, marginBottom: 0 }} dependencies={[['rows', i, 'key'], 'channel']}
                    rules={[hold((s) => faults.text(channel, (form.getFieldValue(['rows', i, 'key']) as string) ?? '', s))]}
                    extra={wechat && <Hints type={key} text={text} />}>
                    <Text wechat={wechat} of={key} label={t('templates.text', { key: here })} placeholder={t('templates.textHere')} came={(input) => (caret.current = { row: i, input })} />
                  </Form.Item>
                  <Tooltip title={t('templates.remove', { key: here })}>
                    <Button type="text" icon={<DeleteOutlined />} aria-label={t('templates.remove', { key: here })}
                      onClick={() => {
                        caret.current = undefined
                        remove(i)
                      }} />
                  </Tooltip>
                </Flex>
              </Flex>
            )
          })}
          <Form.ErrorList errors={errors} />
          <Flex gap={8} wrap>
            <Button icon={<PlusOutlined />} disabled={fields.length >= maxRows} onClick={() => add({ key: '', text: '' })}>
              {t(wechat ? 'templates.add' : 'templates.addField')}
            </Button>
            {wechat && (
              <Button icon={<SnippetsOutlined />} onClick={() => setPasting(true)}>
                {t('templates.paste')}
              </Button>
            )}
          </Flex>
          {pasting && (
            <Paste close={() => setPasting(false)}
              use={(found) => {
                const kept = rows.filter((r): r is Row => Boolean(r?.key && r.text))
                const had = new Map(kept.map((r) => [r.key, r.text]))
                caret.current = undefined
                form.setFieldValue('rows', [...found.map((key) => ({ key, text: had.get(key) ?? '' })), ...kept.filter((r) => !found.includes(r.key))].slice(0, maxRows))
                setPasting(false)
              }} />
          )}
        </Flex>
      )}
    </Form.List>
  )
}

function Hints({ type: key, text }: { type: string; text: string }) {
  const { t } = useSpeech()
  const odd = doubt(key, text)
  if (odd && text !== '') return <Doubtful>{t(`templates.odd.${odd.why}`, { keyword: odd.keyword })}</Doubtful>
  const type = keywordOf(key)
  return type && isKeyword(type) ? `${t(`templates.type.${type}`)} · ${t(`templates.rule.${type}`)}` : undefined
}

type TextProps = { wechat: boolean; of: string; label: string; placeholder: string; came: (input: Caret['input']) => void; id?: string; value?: string; onChange?: (e: unknown) => void }

/** A text with its counter, as WeChat counts: what is filled in later counts later. */
function Text({ wechat, of: key, label, came, ...rest }: TextProps) {
  const held = wechat ? rule(keywordOf(key) ?? '', literalOf(rest.value ?? '')) : undefined
  const common = { ...rest, 'aria-label': label, onFocus: (e: { target: Caret['input'] }) => came(e.target), spellCheck: false }
  if (!wechat) return <Input.TextArea {...common} autoSize={{ minRows: 1, maxRows: 6 }} onPressEnter={(e) => e.preventDefault()} />
  return <Input {...common} count={held && { show: true, max: held.max, strategy: (s) => length(literalOf(s)) }} />
}
