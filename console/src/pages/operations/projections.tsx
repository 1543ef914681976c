import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Badge, Button, Flex, Table, Typography } from 'antd'
import { api, data, type Projection } from '../../api/client'
import { useSession } from '../../app/session'
import { useProjections } from '../../api/projections'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'
import { Scrolls } from '../../ui/scrolls'
import { Failure, Loading, useSaid } from '../../ui/states'
import { ago, span } from '../../i18n/units'

function useRebuild() {
  const { t } = useSpeech()
  const client = useQueryClient()
  const { message, modal } = App.useApp()
  const said = useSaid()
  const rebuild = useMutation({
    mutationFn: (name: string) => data(api.POST('/v1/projections/{name}:rebuild', { params: { path: { name } } })),
    onSuccess: async () => {
      void message.success(t('operations.rebuildBegun'))
      await client.invalidateQueries({ queryKey: ['projections'] })
    },
    onError: (e) => void message.error(said(e), 6),
  })
  return (name: string) =>
    void modal.confirm({
      title: name === 'all' ? t('operations.rebuildAskAll') : t('operations.rebuildAsk', { name }),
      content: t('operations.rebuildWhat'),
      okText: t('operations.rebuild'), cancelText: t('operations.cancel'),
      onOk: () => rebuild.mutateAsync(name).catch(() => {}), // said already
    })
}

export function Projections() {
  const { t, number } = useSpeech()
  const { biz } = useSession()
  const list = useProjections()
  const rebuild = useRebuild()
  if (!list.data) return list.failureReason ? <Failure error={list.failureReason} retry={() => void list.refetch()} /> : <Loading />
  const all = list.data.items ?? []
  const mayRebuild = biz === '*'
  return (
    <Flex vertical gap={16}>
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {all.filter((p) => p.error).map((p) => (
        <Alert key={p.name} type="error" showIcon title={t('operations.haltedWhy', { name: p.name })} description={<span style={{ overflowWrap: 'anywhere' }}>{p.error}</span>} />
      ))}
      <Flex justify="space-between" align="center" gap={8} wrap>
        <Typography.Text type="secondary">{mayRebuild ? '' : t('operations.needsAll')}</Typography.Text>
        {mayRebuild && (
          <Button onClick={() => rebuild('all')} disabled={all.some((p) => p.rebuilding)}>
            {t('operations.rebuildAll')}
          </Button>
        )}
      </Flex>
      <Scrolls label={t('operations.tab.projections')} width={900}>
        <Table<Projection>
          rowKey="name" pagination={false} size="middle" dataSource={all}
          expandable={{ rowExpandable: (p) => !!p.last_rebuild?.tables?.length, expandedRowRender: (p) => <Tables of={p} /> }}
          columns={[
            {
              title: t('operations.name'), width: 220,
              render: (_, p) => {
                const what = named('operations.p', p.name)
                return (
                  <Flex vertical>
                    <span>{p.name}</span>
                    {what && <Typography.Text type="secondary">{t(what)}</Typography.Text>}
                  </Flex>
                )
              },
            },
            { title: t('operations.state'), width: 130, render: (_, p) => <State of={p} /> },
            { title: t('operations.stream'), dataIndex: 'stream', width: 100 },
            { title: t('operations.position'), align: 'right', width: 130, render: (_, p) => number(String(p.position)) },
            { title: t('operations.lag'), align: 'right', width: 110, render: (_, p) => number(String(p.lag)) },
            { title: t('operations.lastRebuild'), width: 240, render: (_, p) => <Last of={p} /> },
            {
              title: '', align: 'right', width: 110,
              render: (_, p) => mayRebuild && (
                <Button size="small" disabled={p.rebuilding} onClick={() => rebuild(p.name)} aria-label={`${t('operations.rebuild')} ${p.name}`}>
                  {t('operations.rebuild')}
                </Button>
              ),
            },
          ]}
        />
      </Scrolls>
    </Flex>
  )
}

function State({ of: p }: { of: Projection }) {
  const { t } = useSpeech()
  if (p.error) return <Badge status="error" text={t('operations.halted')} />
  if (p.rebuilding) return <Badge status="processing" text={t('operations.rebuilding')} />
  return Number(p.lag) > 0 ? <Badge status="processing" text={t('operations.catching')} /> : <Badge status="success" text={t('operations.current')} />
}

function Last({ of: { last_rebuild: r } }: { of: Projection }) {
  const { t, number, time, language } = useSpeech()
  if (!r) return <Typography.Text type="secondary">–</Typography.Text>
  const when = ago(language, r.at)
  if (r.error) return <Typography.Text type="danger" title={time(r.at)} style={{ overflowWrap: 'anywhere' }}>{t('operations.rebuiltFailed', { ago: when, why: r.error })}</Typography.Text>
  const differing = (r.tables ?? []).reduce((n, x) => n + Number(x.differing), 0)
  return (
    <Flex vertical>
      <span title={time(r.at)}>{t('operations.rebuilt', { ago: when, took: span(language, r.took_ms) })}</span>
      <Typography.Text type={differing ? 'warning' : 'secondary'}>
        {differing ? t('operations.rebuiltDiffers', { n: number(differing) }) : t('operations.rebuiltSame')}
      </Typography.Text>
    </Flex>
  )
}

function Tables({ of: { last_rebuild: r } }: { of: Projection }) {
  const { t, number, language } = useSpeech()
  if (!r) return null
  return (
    <Flex vertical gap={8} style={{ maxWidth: 560 }}>
      <Table
        size="small" rowKey="table" pagination={false} dataSource={r.tables ?? []}
        columns={[
          { title: t('operations.table'), dataIndex: 'table' },
          { title: t('operations.rows'), align: 'right', render: (_, x) => number(String(x.rows)) },
          { title: t('operations.differing'), align: 'right', render: (_, x) => number(String(x.differing)) },
        ]}
      />
      <Typography.Text type="secondary">{t('operations.rebuiltPause', { n: span(language, r.pause_ms) })}</Typography.Text>
    </Flex>
  )
}
