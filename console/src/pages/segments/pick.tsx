// Choosing a group or a tag by its name or id.
import { Flex, Select, Tag as Label, Typography } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { useSpeech } from '../../i18n'
import { useSaid } from '../../ui/states'
import { Status } from '../../ui/status'
import { Fault } from './fault'
import { isGone, useGroup, useGroupsFound, useTags } from './names'
import { most } from './tree'

type Choice = { value: string; label: string; count?: string; status?: string; disabled?: boolean }
type Props = { biz: string; value: string; onChange: (id: string) => void }

const digits = /^[1-9][0-9]{0,19}$/
const has = (name: string, id: unknown, typed: string) => name.toLowerCase().includes(typed.toLowerCase()) || String(id).includes(typed)

export function PickGroup({ biz, value, onChange }: Props) {
  const { t } = useSpeech()
  const said = useSaid()
  const [typed, setTyped] = useState('')
  const found = useGroupsFound(biz, typed)
  const chosen = useGroup(biz, value)
  const same = typed.trim()
  const known: Choice[] = (found.data ?? [])
    .filter((g) => has(g.name, g.id, same))
    .map((g) => ({ value: String(g.id), label: g.name, count: String(g.count), status: g.status, disabled: g.status === 'archived' }))
  const choices = offered(known, same, most.group, value, chosen.data?.name)
  const problem = chosen.error ? (isGone(chosen.error) ? t('segments.noSuch', { id: value }) : said(chosen.error)) : chosen.data?.status === 'archived' ? t('segments.archived') : undefined
  return (
    <Pick label={t('segments.group')} placeholder={t('segments.pickGroup')} choices={choices} value={value} onChange={onChange} typed={typed} onType={setTyped}
      loading={found.isFetching} none={found.error ? said(found.error) : t('segments.noGroups')} problem={value === '' ? undefined : problem} />
  )
}

export function PickTag({ biz, value, onChange }: Props) {
  const { t } = useSpeech()
  const said = useSaid()
  const [typed, setTyped] = useState('')
  const tags = useTags(biz)
  const same = typed.trim()
  const choices = useMemo(() => {
    const all: Choice[] = (tags.data ?? []).filter((x) => has(x.name, x.id, same)).map((x) => ({ value: String(x.id), label: x.name || `#${x.id}`, count: String(x.count) }))
    return offered(all, same, most.tag, value, tags.data?.find((x) => String(x.id) === value)?.name)
  }, [tags.data, same, value])
  return (
    <Pick label={t('segments.tag')} placeholder={t('segments.pickTag')} choices={choices} value={value} onChange={onChange} typed={typed} onType={setTyped}
      loading={tags.isFetching} none={tags.error ? said(tags.error) : t('segments.noTags')} />
  )
}

/** What is found, the exact id first; ids that are typed or chosen are there even where the search does not know them. */
function offered(found: Choice[], typed: string, highest: bigint, value: string, name: string | undefined): Choice[] {
  const exact = digits.test(typed) && BigInt(typed) <= highest
  const out = exact ? [...found.filter((c) => c.value === typed), ...found.filter((c) => c.value !== typed)] : found
  if (exact && out[0]?.value !== typed) return [{ value: typed, label: `#${typed}` }, ...out]
  if (typed === '' && value !== '' && !out.some((c) => c.value === value)) return [{ value, label: name || `#${value}` }, ...out]
  return out
}

type PickProps = {
  label: string; placeholder: string; choices: Choice[]; value: string; onChange: (id: string) => void
  typed: string; onType: (text: string) => void; loading: boolean; none: ReactNode; problem?: string
}

function Pick({ label, placeholder, choices, value, onChange, typed, onType, loading, none, problem }: PickProps) {
  const { t, number } = useSpeech()
  return (
    <Flex vertical flex="1 1 220px" style={{ minWidth: 0 }}>
      <Select<string, Choice>
        aria-label={label} placeholder={placeholder} style={{ width: '100%' }} popupMatchSelectWidth={false} status={problem && 'error'}
        value={value === '' ? undefined : value} loading={loading} options={choices} notFoundContent={loading ? null : none}
        showSearch={{ filterOption: false, searchValue: typed, onSearch: onType }}
        onChange={(id) => {
          onType('')
          onChange(id)
        }}
        styles={{ popup: { root: { maxWidth: 'min(480px, 94vw)', minWidth: 260 } } }}
        labelRender={({ label: name, value: id }) => {
          const of = choices.find((c) => c.value === id)
          const shown = String(of?.label ?? name ?? `#${id}`)
          return <span title={`${shown} (${id})`}>{shown === `#${id}` ? shown : `${shown} · ${id}`}</span>
        }}
        optionRender={({ data: c }) => (
          <Flex justify="space-between" gap={12} align="center">
            <Typography.Text ellipsis={{ tooltip: false }} title={c.label} style={{ minWidth: 0 }} disabled={c.disabled}>
              {c.label}
            </Typography.Text>
            <Flex gap={8} align="center" flex="none">
              {c.status && c.status !== 'ready' && <Status of={c.status} />}
              <Typography.Text type="secondary">{c.count === undefined ? '' : number(c.count)}</Typography.Text>
              {c.label !== `#${c.value}` && <Label style={{ marginInlineEnd: 0 }}>{c.value}</Label>}
            </Flex>
          </Flex>
        )}
      />
      {problem ? <Fault text={problem} /> : value === '' && <Fault calm text={t('segments.finish')} />}
    </Flex>
  )
}
