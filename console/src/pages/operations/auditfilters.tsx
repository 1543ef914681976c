import { AutoComplete, DatePicker, Flex, Input, Segmented, Select } from 'antd'
import dayjs from 'dayjs'
import { type ReactNode, useMemo } from 'react'
import { useSpeech } from '../../i18n'
import { type Filters, kinds, systemKinds, systemTypes, types } from './filters'
import { useKeys } from './keys'

const policies = ['sends', 'policy-resolve', 'policy-local', 'policy-expire']

/** Says who somebody is: a key by its name. */
export function useActor(): (actor: string) => string {
  const keys = useKeys()
  return useMemo(() => {
    const names = new Map((keys.data?.items ?? []).map((k) => [`key:${k.id}`, k.name]))
    return (actor) => names.get(actor) || actor
  }, [keys.data])
}

type Props = { of: Filters; filter: (f: Partial<Filters>) => void; all: boolean; children: ReactNode }

export function AuditFilters({ of: f, filter, all, children }: Props) {
  const { t } = useSpeech()
  const keys = useKeys()
  const actors = useMemo(
    () => [...(keys.data?.items ?? []).map((k) => ({ value: `key:${k.id}`, label: k.name ? `${k.name} (${k.id})` : k.id })), ...policies.map((p) => ({ value: p, label: p }))],
    [keys.data],
  )
  const wide = { minWidth: 170, flex: '1 1 170px', maxWidth: 260 }
  return (
    <search aria-label={t('operations.tab.audit')}>
      <Flex gap={8} wrap align="center">
        {all && (
          <Segmented
            aria-label={t('operations.scope')} value={f.system ? 'system' : 'line'}
            onChange={(v) => filter({ system: v === 'system', kind: '', id: '', type: '' })}
            options={[{ value: 'line', label: t('operations.scopeLine') }, { value: 'system', label: t('operations.scopeSystem') }]}
          />
        )}
        <Select
          aria-label={t('operations.aggregate')} style={{ minWidth: 130 }} value={f.kind} onChange={(kind) => filter({ kind, id: '' })}
          options={[{ value: '', label: t('operations.anyKind') }, ...(f.system ? systemKinds : kinds).map((k) => ({ value: k as string, label: t(`operations.k.${k}`) }))]}
        />
        {f.kind && (
          <Input
            key={`${f.kind}.${f.id}`} aria-label={t('operations.aggregateId')} placeholder={t('operations.aggregateId')} defaultValue={f.id} allowClear style={{ width: 150 }}
            onPressEnter={(e) => filter({ id: e.currentTarget.value.trim() })} onBlur={(e) => e.target.value.trim() !== f.id && filter({ id: e.target.value.trim() })} onClear={() => filter({ id: '' })}
          />
        )}
        <Select
          aria-label={t('operations.type')} placeholder={t('operations.type')} style={wide} value={f.type || undefined} allowClear showSearch onChange={(type) => filter({ type: type ?? '' })}
          options={(f.system ? systemTypes : types).map((v) => ({ value: v as string, label: v }))} popupMatchSelectWidth={false}
        />
        <AutoComplete
          key={f.actor} aria-label={t('operations.actor')} placeholder={t('operations.actor')} title={t('operations.actorHelp')} style={wide} defaultValue={f.actor} allowClear options={actors} popupMatchSelectWidth={false}
          showSearch={{ filterOption: (text, o) => `${o?.label} ${o?.value}`.toLowerCase().includes(text.toLowerCase()) }}
          onSelect={(actor: string) => filter({ actor })} onClear={() => filter({ actor: '' })}
          onBlur={(e) => { const actor = (e.target as HTMLInputElement).value?.trim() ?? ''; if (actor !== f.actor) filter({ actor }) }}
        />
        <DatePicker.RangePicker
          showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" allowEmpty={[true, true]} style={{ flex: '1 1 320px', maxWidth: 380 }}
          value={[f.since ? dayjs(f.since) : null, f.until ? dayjs(f.until) : null]}
          placeholder={[t('operations.from'), t('operations.to')]} id={{ start: 'audit-since', end: 'audit-until' }} aria-label={t('operations.at')}
          onChange={(range) => filter({ since: range?.[0]?.toISOString() ?? '', until: range?.[1]?.toISOString() ?? '' })}
        />
        {children}
      </Flex>
    </search>
  )
}
