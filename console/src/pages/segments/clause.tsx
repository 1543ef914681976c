// One clause of the builder: a group, a tag, or a number of orders.
import { Button, DatePicker, Flex, Input, InputNumber, Select, Typography } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useZone } from '../../api/lines'
import { useSpeech } from '../../i18n'
import { type DraftOrders, type DraftSet, isCount, isDays } from './draft'
import { Fault } from './fault'
import { PickGroup, PickTag } from './pick'
import { type Comparison, comparisons, limits, most } from './tree'

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

export function OrdersClause({ biz, draft, onChange }: Props<DraftOrders>) {
  const { t } = useSpeech()
  const zone = useZone(biz)
  const narrowed = draft.product !== '' || draft.product_group !== '' || draft.until !== ''
  const [open, setOpen] = useState(narrowed)
  return (
    <Flex vertical gap={8} flex="1 1 260px" style={{ minWidth: 0 }}>
      <Flex gap={8} align="center" wrap>
        <Typography.Text>{t('segments.within')}</Typography.Text>
        <InputNumber aria-label={t('segments.days')} min={1} max={limits.days} precision={0} style={{ width: 72 }} value={draft.days} status={isDays(draft.days) ? '' : 'error'}
          onChange={(days) => onChange({ ...draft, days })} />
        <Typography.Text title={t('segments.daysIn', { zone })}>{t('segments.within2', { n: draft.days ?? 0 })}</Typography.Text>
        <Select<Comparison> aria-label={t('segments.compare')} style={{ width: 116 }} value={draft.op} onChange={(op) => onChange({ ...draft, op })}
          options={(Object.keys(comparisons) as Comparison[]).map((c) => ({ value: c, label: t(`segments.${c}`) }))} />
        <InputNumber aria-label={t('segments.orders')} min={0} max={limits.count} precision={0} style={{ width: 72 }} value={draft.n} status={isCount(draft.n) ? '' : 'error'}
          onChange={(n) => onChange({ ...draft, n })} />
        {!open && !narrowed && (
          <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => setOpen(true)}>
            {t('segments.narrow')}
          </Button>
        )}
      </Flex>
      {!(isDays(draft.days) && isCount(draft.n)) && <Fault calm text={t('segments.finish')} />}
      {(open || narrowed) && (
        <Flex gap={8} wrap>
          <Day draft={draft} onChange={onChange} />
          {(['product', 'product_group'] as const).map((k) => (
            <Numbered key={k} label={t(`segments.${k}`)} value={draft[k]} onChange={(id) => onChange({ ...draft, [k]: id })} />
          ))}
        </Flex>
      )}
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

/** An id that has no list to choose from. */
function Numbered({ label, value, onChange }: { label: string; value: string; onChange: (id: string) => void }) {
  const { t } = useSpeech()
  const [typed, setTyped] = useState<string>()
  const shown = typed ?? value
  return (
    <Labelled text={label}>
      <Input aria-label={label} inputMode="numeric" allowClear placeholder={t('segments.anyProduct')} style={{ width: 116 }} value={shown} status={typed === undefined ? '' : 'error'}
        title={typed === undefined ? undefined : t('segments.badId')}
        onBlur={() => setTyped(undefined)}
        onChange={(e) => {
          const text = e.target.value.trim()
          const ok = text === '' || (/^(0|[1-9][0-9]{0,19})$/.test(text) && BigInt(text) <= most.product)
          setTyped(ok ? undefined : e.target.value)
          if (ok) onChange(text)
        }} />
    </Labelled>
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
