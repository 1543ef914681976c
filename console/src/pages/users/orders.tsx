import { useInfiniteQuery } from '@tanstack/react-query'
import { Typography } from 'antd'
import { api, data, type Order, type Page as ListPage } from '../../api/client'
import { useSpeech } from '../../i18n'
import { formats } from '../../i18n/units'
import { named } from '../../i18n/words'
import { Nothing } from '../../ui/states'
import { Rows } from '../../ui/table'

/** A user's orders, the newest first. */
export function Orders({ biz, user }: { biz: string; user: string }) {
  const { t, moment, language } = useSpeech()
  const { amount } = formats[language]
  const list = useInfiniteQuery({
    queryKey: ['user-orders', biz, user],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(api.GET('/v1/{biz}/users/{user}/orders', { params: { path: { biz, user }, query: { limit: 200, cursor: pageParam } }, signal })) as Promise<ListPage<Order>>,
    getNextPageParam: (last) => last.next || undefined,
  })
  const status = (s: string) => {
    const word = named('users.order', s)
    return word ? t(word) : s
  }
  return (
    <Rows<Order>
      list={list}
      of={[biz, user]}
      label={t('users.orders')}
      rowKey={(o) => o.order_id}
      empty={<Nothing text={t('users.noOrders')} />}
      width={960}
      columns={[
        { title: t('users.paidAt'), width: 230, render: (_, o) => moment(o.paid_at) },
        { title: t('users.order'), ellipsis: true, render: (_, o) => <span title={o.order_id}>{o.order_id}</span> },
        { title: t('users.product'), width: 140, render: (_, o) => String(o.product_id) },
        { title: t('users.productGroup'), width: 140, render: (_, o) => (Number(o.product_group_id) ? String(o.product_group_id) : <Typography.Text type="secondary">{t('users.none')}</Typography.Text>) },
        { title: t('users.amount'), width: 130, align: 'right', render: (_, o) => amount.format(o.amount as `${number}`) },
        { title: t('users.orderStatus'), width: 120, render: (_, o) => status(o.status) },
      ]}
    />
  )
}
