// A list of clauses that is drawn with everything in it.
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, MoreOutlined, NodeExpandOutlined, PlusOutlined, UngroupOutlined } from '@ant-design/icons'
import { Button, Dropdown, Flex, Grid, Segmented, Typography, theme } from 'antd'
import { memo, type ReactNode } from 'react'
import { useSpeech } from '../../i18n'
import type { Act, Does } from './builder'
import { OrdersClause, SetClause } from './clause'
import { type Draft, type DraftList, isList } from './draft'
import { Fault } from './fault'

/** ends: whether it can go up, and down. */
type Props = { biz: string; act: Act; change: (next: Draft) => void; ends: { up: boolean; down: boolean } }

const middle = { up: true, down: true }
const first = { up: false, down: true }
const last = { up: true, down: false }
const only = { up: false, down: false }

export const ListOf = memo(function ListOf({ biz, list, top = false, act, change, ends }: Props & { list: DraftList; top?: boolean }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const endsOf = (i: number) => (!top ? middle : list.of.length === 1 ? only : i === 0 ? first : i === list.of.length - 1 ? last : middle)
  const color = list.kind === 'all' ? token.colorPrimary : token.colorWarning
  return (
    <Flex vertical gap={8} role="group" aria-label={t('segments.list')} data-clause={list.key}
      style={{ flex: 1, minWidth: 0, padding: 8, border: `1px solid ${token.colorBorderSecondary}`, borderInlineStart: `3px solid ${color}`, borderRadius: token.borderRadius, background: token.colorBgContainer }}>
      <Flex gap={8} align="center" justify="space-between" wrap>
        <Flex gap={8} align="center">
          {(list.of.length > 0 || list.nots > 0) && <Negated draft={list} act={act} />}
          <Segmented size="small" aria-label={t('segments.kind')} value={list.kind} onChange={(kind) => change({ ...list, kind })}
            options={(['all', 'any'] as const).map((kind) => ({ value: kind, label: t(`segments.${kind}`) }))} />
        </Flex>
        {!top && <Tools draft={list} ends={ends} act={act} />}
      </Flex>
      {list.of.length === 0 && (top ? <Typography.Text type="secondary">{t('segments.start')}</Typography.Text> : <Fault calm text={t('segments.nothing')} />)}
      {list.of.map((c, i) => (
        <Joined key={c.key} word={i === 0 ? undefined : t(list.kind === 'all' ? 'segments.and' : 'segments.or')}>
          {isList(c) ? <ListOf biz={biz} list={c} act={act} change={change} ends={endsOf(i)} /> : <Row biz={biz} draft={c} n={i + 1} act={act} change={change} ends={endsOf(i)} />}
        </Joined>
      ))}
      <Flex gap={8} wrap>
        {(['group', 'tag', 'orders', 'any'] as const).map((kind) => (
          <Button key={kind} size="small" type="dashed" icon={<PlusOutlined />} data-do="add" aria-label={`${t('segments.add')}: ${t(`segments.add.${kind}`)}`}
            onClick={() => act('add', list.key, kind === 'any' && list.kind === 'any' ? 'all' : kind)}>
            {t(`segments.add.${kind}`)}
          </Button>
        ))}
      </Flex>
    </Flex>
  )
})

/** A clause with the word that joins it to the one before; on narrow screens the word stands above. */
function Joined({ word, children }: { word: string | undefined; children: ReactNode }) {
  const wide = Grid.useBreakpoint().sm ?? true
  if (!wide) {
    return (
      <Flex vertical gap={4}>
        {word && <Typography.Text type="secondary">{word}</Typography.Text>}
        {children}
      </Flex>
    )
  }
  return (
    <Flex gap={8} align="start">
      <Typography.Text type="secondary" style={{ width: 26, flex: 'none', textAlign: 'end', lineHeight: '32px' }}>
        {word}
      </Typography.Text>
      {children}
    </Flex>
  )
}

const Row = memo(function Row({ biz, draft, n, act, change, ends }: Props & { draft: Exclude<Draft, DraftList>; n: number }) {
  const { t } = useSpeech()
  return (
    <Flex gap={8} align="start" justify="space-between" role="group" aria-label={t('segments.clause', { n })} data-clause={draft.key} style={{ flex: 1, minWidth: 0 }}>
      <Flex gap={8} align="start" flex="1" style={{ minWidth: 0 }}>
        <Negated draft={draft} act={act} />
        {draft.kind === 'orders' ? <OrdersClause biz={biz} draft={draft} onChange={change} /> : <SetClause biz={biz} draft={draft} onChange={change} />}
      </Flex>
      <Tools draft={draft} ends={ends} act={act} />
    </Flex>
  )
})

/** Says whether a clause is negated, and changes it. */
function Negated({ draft, act }: { draft: Draft; act: Act }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const on = draft.nots > 0
  return (
    <Button data-do="negate" title={t('segments.negate')} aria-pressed={on} color="default" variant={on ? 'solid' : 'dashed'} onClick={() => act('negate', draft.key)}
      style={{ paddingInline: 8, ...(!on && { color: token.colorTextSecondary }) }}>
      {Array(Math.max(1, draft.nots)).fill(t('segments.not')).join(' ')}
    </Button>
  )
}

const icons = { up: <ArrowUpOutlined />, down: <ArrowDownOutlined />, wrap: <NodeExpandOutlined />, dissolve: <UngroupOutlined />, remove: <DeleteOutlined /> }

function Tools({ draft, ends, act }: { draft: Draft; ends: Props['ends']; act: Act }) {
  const { t } = useSpeech()
  const wide = Grid.useBreakpoint().sm ?? true
  const nest: Does = isList(draft) && draft.nots === 0 ? 'dissolve' : 'wrap'
  const can = { ...ends, wrap: true, dissolve: true, remove: true }
  const all = ['up', 'down', nest, 'remove'] as (keyof typeof icons)[]
  if (!wide) {
    return (
      <Dropdown trigger={['click']} menu={{
        items: all.map((does) => ({ key: does, icon: icons[does], label: t(`segments.${does}`), disabled: !can[does] })),
        onClick: ({ key }) => act(key as Does, draft.key),
      }}>
        <Button type="text" icon={<MoreOutlined />} aria-label={t('segments.more')} />
      </Dropdown>
    )
  }
  return (
    <Flex flex="none" style={{ marginInlineStart: 'auto' }}>
      {all.map((does) => (
        <Button key={does} type="text" data-do={does} icon={icons[does]} disabled={!can[does]} danger={does === 'remove'} title={t(`segments.${does}`)} aria-label={t(`segments.${does}`)}
          style={{ width: 28 }} onClick={() => act(does, draft.key)} />
      ))}
    </Flex>
  )
}
