import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { api, data, type Page as ListPage, type UserGroup } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { Rows } from '../../ui/table'

/** The groups that a user is in; archived ones are not among them. */
export function UserGroups({ biz, user }: { biz: string; user: string }) {
  const { t, number } = useSpeech()
  const list = useInfiniteQuery({
    queryKey: ['users', biz, user, 'groups'],
    initialPageParam: undefined,
    queryFn: ({ signal }) => data(api.GET('/v1/{biz}/users/{user}/groups', { params: { path: { biz, user } }, signal })) as Promise<ListPage<UserGroup>>,
    getNextPageParam: () => undefined,
  })
  return (
    <Rows<UserGroup>
      list={list}
      of={[biz, user]}
      label={t('users.groups')}
      rowKey={(g) => String(g.id)}
      empty={<Nothing text={t('users.noGroups')} />}
      width={560}
      columns={[
        { title: t('users.group'), ellipsis: true, render: (_, g) => <Link to={`/${biz}/groups/${g.id}`} title={g.name}>{g.name || String(g.id)}</Link> },
        { title: t('users.groupStatus'), width: 140, render: (_, g) => <Status of={g.status} /> },
        { title: t('users.version'), width: 110, align: 'right', render: (_, g) => number(String(g.version)) },
      ]}
    />
  )
}
