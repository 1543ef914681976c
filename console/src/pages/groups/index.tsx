import { ImportOutlined, PlusOutlined } from '@ant-design/icons'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Button, Flex, Grid, Input, Select, theme } from 'antd'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { api, data, type Group, type Page as ListPage } from '../../api/client'
import { useFeed } from '../../api/feed'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { Rows } from '../../ui/table'
import { Expiry, Kind } from './kind'
import { NewGroup } from './new'

const statuses = ['building', 'ready', 'failed', 'archived'] as const
const kinds = ['ids', 'file'] as const
const days = ['7', '30', '90'] as const
const size = 500 // groups of one page
const typing = 300 // milliseconds without a key until the list is asked for

/** The filters, which live in the address. */
function useFilters() {
  const [params, setParams] = useSearchParams()
  const set = (name: string, value?: string) =>
    setParams((was) => {
      const next = new URLSearchParams(was)
      if (value) next.set(name, value)
      else next.delete(name)
      return next
    }, { replace: true })
  return {
    search: params.get('search') ?? '',
    status: statuses.find((s) => s === params.get('status')),
    kind: kinds.find((k) => k === params.get('kind')),
    expiring: days.find((d) => d === params.get('expiring')),
    making: params.has('new'),
    set,
    clear: () => setParams({}, { replace: true }),
  }
}

export function Groups() {
  const { t, number, time } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const navigate = useNavigate()
  const { token } = theme.useToken()
  const wide = Grid.useBreakpoint().sm ?? true
  const { search, status, kind, expiring, making, set, clear } = useFilters()
  const filtered = Boolean(search || status || kind || expiring)
  const ask = (cursor?: string, limit = size) =>
    data(
      api.GET('/v1/{biz}/groups', {
        params: { path: { biz }, query: { limit, cursor, status, kind, search: search || undefined, expiring: expiring && `${Number(expiring) * 24}h` } },
      }),
    ) as Promise<ListPage<Group>>
  const key = ['groups', biz, 'list', search, status, kind, expiring] as const
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => ask(pageParam),
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  })
  useFeed(biz, 'group', key, ask)
  const make = can('operator') && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => set('new', '1')}>
      {t('groups.new')}
    </Button>
  )
  return (
    <Page
      title={t('groups.title')}
      actions={
        <>
          {can('operator') && (
            <Button icon={<ImportOutlined />} href={`/${biz}/groups/imports`} onClick={(e) => (e.preventDefault(), void navigate(`/${biz}/groups/imports`))}>
              {t('groups.imports')}
            </Button>
          )}
          {make}
        </>
      }
    >
      <Flex gap={8} wrap role="search">
        <Find value={search} set={(to) => set('search', to)} />
        <Choice name={t('groups.kind')} value={kind} set={(to) => set('kind', to)} options={kinds.map((k) => ({ value: k, label: t(`groups.kind.${k}`) }))} />
        <Choice name={t('groups.status')} value={status} set={(to) => set('status', to)} options={statuses.map((s) => ({ value: s, label: t(`status.${s}`) }))} />
        <Choice name={t('groups.expires')} value={expiring} set={(to) => set('expiring', to)} options={days.map((n) => ({ value: n, label: t('groups.within', { n }) }))} />
        {filtered && <Button type="text" onClick={clear}>{t('groups.clear')}</Button>}
      </Flex>
      <Rows<Group>
        list={list}
        of={key}
        label={t('groups.title')}
        rowKey={(g) => String(g.id)}
        width={wide ? 1040 : 970}
        empty={filtered ? <Nothing text={t('groups.noMatch')}><Button onClick={clear}>{t('groups.clear')}</Button></Nothing> : <Nothing text={t('groups.empty')}>{make}</Nothing>}
        columns={[
          { title: t('groups.name'), width: wide ? 270 : 200, ellipsis: true, render: (_, g) => <Link to={`/${biz}/groups/${g.id}`} title={g.name}>{g.name}</Link> },
          { title: t('groups.count'), width: 120, align: 'right', render: (_, g) => number(String(g.count)) },
          { title: t('groups.status'), width: 110, render: (_, g) => <span title={g.reason}><Status of={g.status} /></span> },
          { title: t('groups.kind'), width: 140, render: (_, g) => <Kind of={g} /> },
          { title: t('groups.expires'), width: 130, render: (_, g) => <Expiry biz={biz} of={g} brief /> },
          { title: t('groups.updated'), width: 190, render: (_, g) => time(g.updated_at) },
          { title: t('groups.id'), width: 80, ellipsis: true, render: (_, g) => <span style={{ color: token.colorTextSecondary }} title={String(g.id)}>{String(g.id)}</span> },
        ]}
      />
      {making && can('operator') && <NewGroup biz={biz} close={() => set('new')} />}
    </Page>
  )
}

/** Searches while one types, but not at every key. */
function Find({ value, set }: { value: string; set: (to: string) => void }) {
  const { t } = useSpeech()
  const [text, setText] = useState(value)
  const [asked, setAsked] = useState(value)
  if (value !== asked) {
    // changed from outside, such as by going back
    setAsked(value)
    setText(value)
  }
  useEffect(() => {
    if (text.trim() === asked) return
    const due = setTimeout(() => {
      setAsked(text.trim())
      set(text.trim())
    }, typing)
    return () => clearTimeout(due)
  })
  return <Input.Search aria-label={t('groups.find')} placeholder={t('groups.findHint')} allowClear maxLength={200} style={{ maxWidth: 320, flex: '1 1 220px' }} value={text} onChange={(e) => setText(e.target.value)} onSearch={(to) => (setAsked(to.trim()), set(to.trim()))} />
}

function Choice<T extends string>({ name, value, set, options }: { name: string; value?: T; set: (to?: T) => void; options: { value: T; label: string }[] }) {
  return <Select<T> aria-label={name} allowClear placeholder={name} style={{ flex: '0 1 160px', minWidth: 130 }} value={value} onChange={set} options={options} />
}
