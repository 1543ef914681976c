// The clauses as nested lists. Everything can be done by keyboard; what is done leaves the focus where it was.
import { Typography } from 'antd'
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import { useSpeech } from '../../i18n'
import * as drafts from './draft'
import { ListOf } from './list'

export type Does = 'negate' | 'up' | 'down' | 'remove' | 'wrap' | 'dissolve' | 'add'
export type Act = (does: Does, key: string, kind?: drafts.Kind) => void
type Props = { biz: string; draft: drafts.DraftList; onChange: (next: drafts.DraftList) => void }

const both = { up: false, down: false }
const hidden = { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' } as const

export function Builder({ biz, draft, onChange }: Props) {
  const { t } = useSpeech()
  const box = useRef<HTMLElement>(null)
  const focus = useRef<{ key: string; does: Does | 'first' }>(undefined)
  const [said, say] = useState('')
  useEffect(() => {
    const to = focus.current
    focus.current = undefined
    const clause = to && box.current?.querySelector(`[data-clause="${to.key}"]`)
    if (!to || !clause) return
    const button = clause.querySelector<HTMLElement>(`[data-do="${to.does}"]:not(:disabled)`)
    const first = clause.querySelector<HTMLElement>(to.does === 'first' ? 'input, [data-do="add"]' : 'button:not(:disabled)')
    ;(button ?? first)?.focus()
  })
  const latest = useRef({ draft, onChange, t })
  useEffect(() => {
    latest.current = { draft, onChange, t }
  })
  // The same functions all the time: a clause is drawn again only when it changes.
  const act: Act = useCallback((does, key, kind) => {
    const { draft, onChange, t } = latest.current
    const next = done(draft, does, key, kind)
    if (next.draft === draft) return
    focus.current = next.focus
    if (does === 'up' || does === 'down') say(t('segments.moved'))
    if (does === 'remove') say(t('segments.removed'))
    onChange(next.draft)
  }, [])
  const change = useCallback((next: drafts.Draft) => latest.current.onChange(drafts.change(latest.current.draft, next)), [])
  const pressed = (e: KeyboardEvent) => {
    const key = (e.target as Element).closest('[data-clause]')?.getAttribute('data-clause')
    const does = e.altKey && !e.ctrlKey && !e.metaKey ? keys[e.code] : undefined
    if (!key || !does || !e.currentTarget.contains(e.target as Node)) return
    e.preventDefault()
    e.stopPropagation()
    if (key !== draft.key || does === 'negate') act(does, key)
  }
  return (
    <section ref={box} aria-label={t('segments.builder')} onKeyDownCapture={pressed}>
      <ListOf biz={biz} list={draft} top act={act} change={change} ends={both} />
      <Typography.Paragraph type="secondary" style={{ fontSize: 12, marginBlock: '8px 0' }}>
        {t('segments.keys')}
      </Typography.Paragraph>
      <span role="status" style={hidden}>
        {said}
      </span>
    </section>
  )
}

const keys: Record<string, Does> = { ArrowUp: 'up', ArrowDown: 'down', KeyN: 'negate', Delete: 'remove', Backspace: 'remove' }

/** What becomes of the draft, and where the focus goes. */
function done(draft: drafts.DraftList, does: Does, key: string, kind: drafts.Kind = 'group') {
  if (does === 'add') {
    const made = drafts.fresh(kind)
    return { draft: drafts.add(draft, key, made), focus: { key: made.key, does: 'first' as const } }
  }
  if (does === 'remove') {
    const list = drafts.parent(draft, key)
    const i = list?.of.findIndex((c) => c.key === key) ?? 0
    const next = list?.of[i + 1] ?? list?.of[i - 1]
    const to = next ? { key: next.key, does } : { key: list?.key ?? draft.key, does: 'add' as const }
    return { draft: drafts.remove(draft, key), focus: to }
  }
  if (does === 'dissolve') {
    const list = drafts.find(draft, key)
    const first = list && drafts.isList(list) ? list.of[0] : undefined
    return { draft: drafts.dissolve(draft, key), focus: { key: first?.key ?? draft.key, does: 'wrap' as const } }
  }
  const next = {
    negate: () => drafts.negate(draft, key),
    up: () => drafts.move(draft, key, -1),
    down: () => drafts.move(draft, key, 1),
    wrap: () => drafts.wrap(draft, key),
  }[does]()
  return { draft: next, focus: { key, does } }
}
