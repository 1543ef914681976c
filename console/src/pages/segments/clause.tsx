// One clause of the builder: a group, a tag, or a number of orders.
import { Button, DatePicker, Flex, Input, Select, Space, Typography } from 'antd'
import dayjs from 'dayjs'
import { useId, useState } from 'react'
import { useZone } from '../../api/lines'
import { useSpeech } from '../../i18n'
import type { DraftOrders, DraftSet } from './draft'
import { Fault } from './fault'
import { PickGroup, PickTag } from './pick'
import { type Comparison, comparisons } from './tree'
import { type Field, day, fields, isDay, isTyped, numbers, typedNumber } from './typed'

type Props<D> = { biz: string; draft: D; onChange: (next: D) => void }

export function SetClause({ biz, draft, onChange }: Props<DraftSet>) {
  const { t } = useSpeech()
  const Pick = draft.kind === 'group' ? PickGroup : PickTag
  return (
    <Flex gap={8} align="baseline" flex="1 1 260px" style={{ minWidth: 0 }}>
      <Typography.Text style={{ flex: 'none' }}>{t(`segments.${draft.kind}`)}</Typography.Text>
      <Pick biz={biz} value={draft.id} onChange={(id) => onChange({ ...draft, id })} />
    </Flex>
  )
}

const labels = { days: 'segments.days', n: 'segments.orders', product: 'segments.product', product_group: 'segments.product_group' } as const

export function OrdersClause({ biz, draft, onChange }: Props<DraftOrders>) {
  const { t, number } = useSpeech()
  const zone = useZone(biz)
  const id = useId()
  const narrowed = draft.product !== '' || draft.product_group !== '' || draft.until !== ''
  const [open, setOpen] = useState(narrowed)
  const typed = (field: Field) => ({
    id: `${id}-${field}`, label: t(labels[field]), text: draft[field], wrong: !isTyped(field, draft[field]),
    onChange: (text: string) => onChange({ ...draft, [field]: text }),
  })
  return (
    <Flex vertical gap={8} flex="1 1 260px" style={{ minWidth: 0 }}>
      <Flex gap={8} align="center" wrap>
        <Typography.Text>{t('segments.within')}</Typography.Text>
        <Typed {...typed('days')} width={72} />
        <Typography.Text title={t('segments.daysIn', { zone })}>{t('segments.within2', { n: Number(typedNumber('days', draft.days) ?? 0n) })}</Typography.Text>
        <Select<Comparison> aria-label={t('segments.compare')} style={{ width: 116 }} value={draft.op} onChange={(op) => onChange({ ...draft, op })}
          options={(Object.keys(comparisons) as Comparison[]).map((c) => ({ value: c, label: t(`segments.${c}`) }))} />
        <Typed {...typed('n')} width={72} />
        {!open && !narrowed && (
          <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => setOpen(true)}>
            {t('segments.narrow')}
          </Button>
        )}
      </Flex>
      {(open || narrowed) && (
        <Flex gap={8} wrap>
          <Day id={`${id}-until`} text={draft.until} onChange={(until) => onChange({ ...draft, until })} />
          {(['product', 'product_group'] as const).map((k) => (
            <Labelled key={k} text={t(labels[k])}>
              <Typed {...typed(k)} width={116} any={t('segments.anyProduct')} />
            </Labelled>
          ))}
        </Flex>
      )}
      {!isDay(draft.until) && (
        <div id={`${id}-until-said`}>
          <Fault calm text={t('segments.badDay', { what: t('segments.until'), ...day })} />
        </div>
      )}
      {fields.filter((f) => typed(f).wrong).map((f) => (
        <div key={f} id={`${id}-${f}-said`}>
          <Fault calm text={t(numbers[f].may ? 'segments.badId' : 'segments.badNumber', { what: t(labels[f]), low: number(String(numbers[f].low)), high: number(String(numbers[f].high)) })} />
        </div>
      ))}
    </Flex>
  )
}

/** A day, kept as it is typed. The calendar beside it has no text of its own, which it would drop where it is no day. */
function Day({ id, text, onChange }: { id: string; text: string; onChange: (text: string) => void }) {
  const { t } = useSpeech()
  const wrong = !isDay(text)
  return (
    <Labelled text={t('segments.until')}>
      <Space.Compact>
        <Typed id={id} label={t('segments.until')} text={text} wrong={wrong} width={124} any={t('segments.today')} onChange={onChange} />
        <DatePicker aria-label={t('segments.pickDay')} inputReadOnly allowClear={false} placeholder="" format={() => ''} style={{ width: 34, paddingInline: 8 }}
          value={wrong || text.trim() === '' ? null : dayjs(text.trim())} minDate={dayjs(day.low)} maxDate={dayjs(day.high)}
          onKeyDown={(e) => e.key === 'Enter' && e.preventDefault()} onChange={(day) => onChange(day ? day.format('YYYY-MM-DD') : '')} />
      </Space.Compact>
    </Labelled>
  )
}

type TypedProps = { id: string; label: string; text: string; wrong: boolean; width: number; /** What it is when it is left out. */ any?: string; onChange: (text: string) => void }

/** A number, kept as it is typed: a field that put it right by itself would make another audience of it. */
function Typed({ id, label, text, wrong, width, any, onChange }: TypedProps) {
  return (
    <Input id={id} aria-label={label} inputMode="numeric" autoComplete="off" allowClear={any !== undefined} placeholder={any} style={{ width }} value={text}
      status={wrong ? 'error' : ''} aria-invalid={wrong} aria-describedby={wrong ? `${id}-said` : undefined} onChange={(e) => onChange(e.target.value)} />
  )
}

function Labelled({ text, children }: { text: string; children: React.ReactNode }) {
  return (
    <Flex vertical>
      <Typography.Text type="secondary" style={{ fontSize: 12 }}>
        {text}
      </Typography.Text>
      {children}
    </Flex>
  )
}
