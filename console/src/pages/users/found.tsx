import { useInfiniteQuery } from '@tanstack/react-query'
import { Alert, Typography } from 'antd'
import { Link } from 'react-router'
import { api, data, type Page as ListPage, type Profile } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Nothing } from '../../ui/states'
import { Rows } from '../../ui/table'
import { Phone } from './phone'
import { type Kind, phonesOf } from './sought'

const shown = 4 // attributes of one user in the list

/** Who was found. */
export function Found({ biz, q, kind }: { biz: string; q: string; kind: Kind }) {
  const { t, number } = useSpeech()
  const list = useInfiniteQuery({
    queryKey: ['users-found', biz, kind, q],
    initialPageParam: undefined as { by: string; cursor: string } | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const ask = async (by: string, cursor?: string) => {
        const page = (await data(api.POST('/v1/{biz}/users:find', { params: { path: { biz }, query: { cursor } }, body: { [kind]: by }, signal }))) as ListPage<Profile>
        return { ...page, by }
      }
      if (pageParam) return ask(pageParam.by, pageParam.cursor)
      const first = await ask(q)
      const other = kind === 'phone' ? phonesOf(q)[1] : undefined
      if (first.items.length > 0 || !other) return first
      const second = await ask(other)
      return second.items.length > 0 ? second : first
    },
    getNextPageParam: (last) => (last.next ? { by: last.by, cursor: last.next } : undefined),
  })
  const by = list.data?.pages[0]?.by ?? q
  return (
    <>
      {by !== q && <Alert type="info" showIcon role="status" title={t(by.length > 11 ? 'users.with86' : 'users.without86')} />}
      <Rows<Profile>
        list={list}
        of={[biz, kind, q]}
        label={t('users.results')}
        rowKey={(u) => String(u.user_id)}
        empty={<Nothing text={t('users.nobody')} />}
        width={960}
        columns={[
          { title: t('users.id'), width: 210, render: (_, u) => <Link to={`/${biz}/users/${u.user_id}`}>{String(u.user_id)}</Link> },
          { title: t('users.phone'), width: 180, render: (_, u) => <Phone of={u.phone} /> },
          {
            title: t('users.openid'), width: 200,
            render: (_, u) => (u.openid ? <Typography.Text ellipsis={{ tooltip: u.openid }} style={{ maxWidth: 180 }}>{u.openid}</Typography.Text> : <Typography.Text type="secondary">{t('users.none')}</Typography.Text>),
          },
          { title: t('users.attributes'), ellipsis: true, render: (_, u) => <Some of={u.attributes} /> },
          { title: t('users.tags'), width: 90, align: 'right', render: (_, u) => number(u.tags?.length ?? 0) },
        ]}
      />
    </>
  )
}

function Some({ of }: { of: Record<string, string> }) {
  const text = Object.entries(of).filter(([, value]) => value !== '').slice(0, shown).map(([name, value]) => `${name}: ${value}`).join(' · ')
  return <span title={text}>{text}</span>
}
