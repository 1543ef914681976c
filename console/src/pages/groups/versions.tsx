import { useInfiniteQuery } from '@tanstack/react-query'
import { Tag, theme, Typography } from 'antd'
import { api, data, type GroupVersion, type Page as ListPage } from '../../api/client'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'
import { Nothing } from '../../ui/states'
import { Rows } from '../../ui/table'

/** Every change of a group's members, the newest first: who joined, who left, by whom. */
export function Versions({ biz, id, phones }: { biz: string; id: string; phones: boolean }) {
  const { t, number, time } = useSpeech()
  const { token } = theme.useToken()
  const list = useInfiniteQuery({
    queryKey: ['groups', biz, 'one', id, 'versions'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      data(api.GET('/v1/{biz}/groups/{id}/versions', { params: { path: { biz, id }, query: { limit: 200, cursor: pageParam } } })) as Promise<ListPage<GroupVersion>>,
    getNextPageParam: (last) => last.next || undefined,
  })
  const change = (n: number | string, sign: string, color: string) =>
    String(n) === '0' ? <Typography.Text type="secondary">0</Typography.Text> : <span style={{ color }}>{sign}{number(String(n))}</span>
  return (
    <Rows<GroupVersion>
      list={list} of={[biz, id]} label={t('groups.versions')} rowKey={(v) => String(v.version)} width={phones ? 1140 : 950} empty={<Nothing text={t('groups.noVersions')} />}
      columns={[
        { title: t('groups.version'), width: 80, align: 'right', render: (_, v) => number(String(v.version)) },
        { title: t('groups.updated'), width: 195, render: (_, v) => time(v.at) },
        { title: t('groups.op'), width: 110, render: (_, v) => <Op of={v.op} /> },
        { title: t('groups.joined'), width: 110, align: 'right', render: (_, v) => change(v.added, '+', token['green-8']) },
        { title: t('groups.left'), width: 110, align: 'right', render: (_, v) => change(v.removed, '−', token['red-7']) },
        { title: t('groups.after'), width: 165, align: 'right', render: (_, v) => number(String(v.count)) },
        ...(phones ? [{ title: t('groups.unmatched'), width: 190, align: 'right' as const, render: (_: unknown, v: GroupVersion) => number(String(v.unmatched)) }] : []),
        { title: t('groups.by'), width: 180, ellipsis: true, render: (_, v) => <span title={v.actor}>{v.actor}</span> },
      ]}
    />
  )
}

function Op({ of }: { of: string }) {
  const { t } = useSpeech()
  const word = named('groups.op', of)
  return <Tag>{word ? t(word) : of}</Tag>
}
