import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Flex, Timeline, Typography } from 'antd'
import { Link } from 'react-router'
import { api, data, type Message, type Page as ListPage } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Failure, Loading, Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { useReason } from '../campaigns/reason'

const colors: Record<string, string> = { sent: 'green', failed: 'red', unknown: 'orange', skipped: 'gray', pending: 'blue' }

/** What campaigns did about a user, the newest first. */
export function Messages({ biz, user, why }: { biz: string; user: string; why: (campaign: string) => void }) {
  const { t } = useSpeech()
  const list = useInfiniteQuery({
    queryKey: ['users', biz, user, 'messages'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(api.GET('/v1/{biz}/users/{user}/messages', { params: { path: { biz, user }, query: { limit: 25, cursor: pageParam } }, signal })) as Promise<ListPage<Message>>,
    getNextPageParam: (last) => last.next || undefined,
  })
  if (list.isPending) return <Loading />
  if (list.error && !list.data) return <Failure error={list.error} retry={() => void list.refetch()} />
  const all = list.data?.pages.flatMap((p) => p.items ?? []) ?? []
  if (all.length === 0) return <Nothing text={t('users.noMessages')} />
  return (
    <Flex vertical gap={8} style={{ paddingTop: 8 }}>
      <Timeline aria-label={t('users.messages')}
        items={all.map((m) => ({ key: String(m.campaign_id), color: colors[m.status], content: <One biz={biz} message={m} why={why} /> }))} />
      {list.error && <Failure error={list.error} retry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())} />}
      {list.hasNextPage && (
        <Flex justify="center">
          <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>{t('app.more')}</Button>
        </Flex>
      )}
    </Flex>
  )
}

function One({ biz, message: m, why }: { biz: string; message: Message; why: (campaign: string) => void }) {
  const { t, time } = useSpeech()
  const reason = useReason()
  const name = m.campaign || t('users.campaign', { id: String(m.campaign_id) })
  return (
    <Flex vertical gap={2}>
      <Flex gap={8} align="center" wrap>
        <Link to={`/${biz}/campaigns/${m.campaign_id}`} style={{ overflowWrap: 'anywhere' }}>{name}</Link>
        <Status of={m.status} />
        <Button type="link" size="small" style={{ paddingInline: 0 }} aria-label={t('users.messageWhyOf', { name })} onClick={() => why(String(m.campaign_id))}>
          {t('users.messageWhy')}
        </Button>
      </Flex>
      {(m.code || m.reason) && (
        <span style={{ overflowWrap: 'anywhere' }}>
          {reason(m.code, m.reason)}
          {m.code && <Typography.Text type="secondary"> · {m.code}</Typography.Text>}
        </span>
      )}
      <Typography.Text type="secondary">{time(m.at)}</Typography.Text>
    </Flex>
  )
}
