// One clause of the builder: a group, a tag, or a number of orders.
import { Button, DatePicker, Flex, Input, Select, Typography } from 'antd'
import dayjs from 'dayjs'
import { useId, useState } from 'react'
import { useZone } from '../../api/lines'
import { useSpeech } from '../../i18n'
import type { DraftOrders, DraftSet } from './draft'
import { Fault } from './fault'
import { PickGroup, PickTag } from './pick'
import { type Comparison, comparisons } from './tree'
import { type Field, fields, isTyped, numbers, typedNumber } from './typed'

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
          <Day draft={draft} onChange={onChange} />
          {(['product', 'product_group'] as const).map((k) => (
            <Labelled key={k} text={t(labels[k])}>
              <Typed {...typed(k)} width={116} any />
            </Labelled>
          ))}
        </Flex>
      )}
      {fields.filter((f) => typed(f).wrong).map((f) => (
        <div key={f} id={`${id}-${f}-said`}>
          <Fault calm text={t(numbers[f].may ? 'segments.badId' : 'segments.badNumber', { what: t(labels[f]), low: number(String(numbers[f].low)), high: number(String(numbers[f].high)) })} />
        </div>
      ))}
    </Flex>
  )
}

function Day({ draft, onChange }: { draft: DraftOrders; onChange: (next: DraftOrders) => void }) {
  const { t } = useSpeech()
  return (
    <Labelled text={t('segments.until')}>
      <DatePicker aria-label={t('segments.until')} placeholder={t('segments.today')} value={draft.until === '' ? null : dayjs(draft.until)} style={{ width: 116 }}
        minDate={dayjs('1970-01-01')} maxDate={dayjs('2199-12-31')} onChange={(day) => onChange({ ...draft, until: day ? day.format('YYYY-MM-DD') : '' })} />
    </Labelled>
  )
}

type TypedProps = { id: string; label: string; text: string; wrong: boolean; width: number; /** It may be left out. */ any?: boolean; onChange: (text: string) => void }

/** A number, kept as it is typed: a field that put it right by itself would make another audience of it. */
function Typed({ id, label, text, wrong, width, any = false, onChange }: TypedProps) {
  const { t } = useSpeech()
  return (
    <Input id={id} aria-label={label} inputMode="numeric" autoComplete="off" allowClear={any} placeholder={any ? t('segments.anyProduct') : undefined} style={{ width }} value={text}
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
