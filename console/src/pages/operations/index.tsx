import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Table } from 'antd'
import { api, data, type Projection } from '../../api/client'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading } from '../../ui/states'

export function Operations() {
  const { t, number } = useSpeech()
  const { can } = useSession()
  const client = useQueryClient()
  const { message } = App.useApp()
  const list = useQuery({ queryKey: ['projections'], queryFn: () => data(api.GET('/v1/projections')), refetchInterval: 2_000 })
  const rebuild = useMutation({
    mutationFn: (name: string) => data(api.POST('/v1/projections/{name}:rebuild', { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['projections'] }),
    onError: (e) => void message.error(e.message),
  })
  if (list.isPending) return <Loading />
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />
  return (
    <Page title={t('operations.title')}>
      <Table<Projection>
        rowKey="name" pagination={false} size="middle" scroll={{ x: 720 }} dataSource={list.data.items ?? []}
        columns={[
          { title: t('groups.name'), dataIndex: 'name' },
          { title: t('operations.stream'), dataIndex: 'stream' },
          { title: t('operations.position'), align: 'right', render: (_, p) => number(String(p.position)) },
          { title: t('operations.lag'), align: 'right', render: (_, p) => number(String(p.lag)) },
          { title: t('groups.status'), render: (_, p) => p.error || (p.rebuilding ? t('operations.rebuilding') : '') },
          {
            title: '', align: 'right',
            render: (_, p) => can('admin') && (
              <Button size="small" disabled={p.rebuilding} onClick={() => rebuild.mutate(p.name)} aria-label={`${t('operations.rebuild')} ${p.name}`}>
                {t('operations.rebuild')}
              </Button>
            ),
          },
        ]}
      />
    </Page>
  )
}
