// The segment as text, with what is wrong in it and where.
import { Button, Flex, Input, Typography, theme } from 'antd'
import { useId, useRef } from 'react'
import { useSpeech } from '../../i18n'
import { Fault } from './fault'
import type { GrammarError, Tree } from './grammar'

/** whole: whether the text says all that is built. */
type Props = { value: string; onChange: (text: string) => void; error: GrammarError | undefined; tree: Tree | undefined; whole: boolean }

export function Written({ value, onChange, error, tree, whole }: Props) {
  const { t } = useSpeech()
  const id = useId()
  const box = useRef<{ resizableTextArea?: { textArea: HTMLTextAreaElement } }>(null)
  const show = () => {
    const area = box.current?.resizableTextArea?.textArea
    if (!area || !error?.at) return
    area.focus()
    area.setSelectionRange(error.at.index, error.at.index + Math.max(error.length, 1))
  }
  return (
    <Flex vertical gap={8} role="group" aria-label={t('segments.text')}>
      <Flex justify="space-between" gap={8} wrap>
        <label htmlFor={id}>
          <Typography.Text strong>{t('segments.text')}</Typography.Text>
        </label>
        {tree && (
          <Flex gap={12}>
            <Typography.Text type="secondary" copyable={{ text: value, tooltips: [t('segments.copyText'), t('segments.copied')] }}>{t('segments.copyText')}</Typography.Text>
            <Typography.Text type="secondary" copyable={{ text: JSON.stringify(tree), tooltips: [t('segments.copyJson'), t('segments.copied')] }}>JSON</Typography.Text>
          </Flex>
        )}
      </Flex>
      <Input.TextArea id={id} ref={box as never} value={value} onChange={(e) => onChange(e.target.value)} autoSize={{ minRows: 4, maxRows: 14 }} spellCheck={false} autoCapitalize="off"
        autoComplete="off" status={error && 'error'} aria-invalid={!!error} aria-describedby={`${id}-said`} style={{ fontFamily: 'monospace' }} />
      <div id={`${id}-said`}>
        {error ? <Wrong value={value} error={error} show={show} /> : <Typography.Text type="secondary" style={{ fontSize: 12, overflowWrap: 'anywhere' }}>{t(whole ? 'segments.example' : 'segments.behind')}</Typography.Text>}
      </div>
    </Flex>
  )
}

const around = 24 // characters shown on either side of what is wrong

function Wrong({ value, error, show }: { value: string; error: GrammarError; show: () => void }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const at = error.at
  const said = error.say(t)
  if (!at) return <Fault text={said} />
  const line = value.split('\n')[at.line - 1] ?? ''
  const from = at.index - (value.lastIndexOf('\n', at.index - 1) + 1)
  const to = from + Math.max(error.length, 1)
  return (
    <Flex vertical gap={4} align="start">
      <Fault text={t('segments.wrongAt', { line: at.line, column: at.column, what: said })} />
      <code style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', background: token.colorFillTertiary, padding: '2px 6px', borderRadius: token.borderRadiusSM }}>
        {from > around && '…'}
        {line.slice(Math.max(0, from - around), from)}
        <span style={{ textDecoration: `underline wavy ${token.colorError}`, textUnderlineOffset: 3 }}>{line.slice(from, to) || '\u00a0\u00a0'}</span>
        {line.slice(to, to + around)}
        {to + around < line.length && '…'}
      </code>
      <Button size="small" onClick={show}>
        {t('segments.show')}
      </Button>
    </Flex>
  )
}
