import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Flex, Form, Input, Modal, Select, Table } from 'antd'
import { useMemo, useState } from 'react'
import { Link } from 'react-router'
import { api, type Biz, data, once } from '../../api/client'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Failure, Loading } from '../../ui/states'
import { atField } from './fields'

type Fields = { biz: string; name: string; timezone: string }
const names = ['biz', 'name', 'timezone'] as const

export function ProductLines() {
  const { t, time } = useSpeech()
  const { biz: scope } = useSession()
  const lines = useQuery({ queryKey: ['lines'], queryFn: () => data(api.GET('/v1')), staleTime: 60_000 })
  const [editing, setEditing] = useState<Biz | 'new' | null>(null)
  if (lines.isPending) return <Loading />
  if (!lines.data) return <Failure error={lines.error} retry={() => void lines.refetch()} />
  return (
    <Flex vertical gap={16}>
      {scope === '*' && (
        <Flex justify="end">
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('operations.lineNew')}
          </Button>
        </Flex>
      )}
      <section aria-label={t('operations.tab.lines')}>
        <Table<Biz>
          rowKey="biz" size="middle" pagination={false} scroll={{ x: 860 }} dataSource={lines.data.items ?? []}
          columns={[
            { title: t('operations.name'), ellipsis: true, render: (_, l) => <Link to={`/${l.biz}/overview`} title={l.name}>{l.name || l.biz}</Link> },
            { title: t('operations.lineId'), dataIndex: 'biz', width: 180, ellipsis: true },
            { title: t('operations.zone'), dataIndex: 'timezone', width: 200, ellipsis: true },
            { title: t('operations.changed'), width: 200, render: (_, l) => time(l.updated_at) },
            {
              title: '', width: 100, align: 'right',
              render: (_, l) => <Button size="small" onClick={() => setEditing(l)} aria-label={`${t('operations.lineEdit')} ${l.name}`}>{t('operations.lineEdit')}</Button>,
            },
          ]}
        />
      </section>
      {editing && <Define line={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
    </Flex>
  )
}

function Define({ line, close }: { line: Biz | null; close: () => void }) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<Fields>()
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone').map((z) => ({ value: z, label: z })), [])
  const here = useMemo(() => Intl.DateTimeFormat().resolvedOptions().timeZone, [])
  const define = useMutation({
    mutationFn: ({ biz, name, timezone }: Fields) =>
      data(api.PUT('/v1/{biz}', { params: { path: { biz }, query: { wait: '10s' }, header: once() }, body: { name, timezone } })),
    onSuccess: async () => {
      void message.success(t('operations.saved'))
      await client.invalidateQueries({ queryKey: ['lines'] })
      close()
    },
    onError: (e) => form.setFields(atField(e, names)),
  })
  return (
    <Modal open title={t(line ? 'operations.lineChange' : 'operations.lineNew')} okText={t('operations.save')} cancelText={t('operations.cancel')} onCancel={close} onOk={form.submit} confirmLoading={define.isPending} destroyOnHidden>
      <Form<Fields> form={form} layout="vertical" initialValues={line ?? { timezone: here }} onFinish={define.mutate} requiredMark={false}>
        <Form.Item name="biz" label={t('operations.lineId')} extra={t('operations.lineIdHelp')} style={{ paddingBottom: 6 }} rules={[{ required: true, message: t('operations.required') }]}>
          <Input maxLength={32} autoFocus={!line} disabled={!!line} autoComplete="off" />
        </Form.Item>
        <Form.Item name="name" label={t('operations.name')} rules={[{ required: true, whitespace: true, message: t('operations.required') }]}>
          <Input maxLength={200} autoFocus={!!line} />
        </Form.Item>
        <Form.Item name="timezone" label={t('operations.zone')} extra={t('operations.zoneHelp')} rules={[{ required: true, message: t('operations.required') }]}>
          <Select showSearch options={zones} />
        </Form.Item>
        {define.error && atField(define.error, names).length === 0 && <Failure error={define.error} />}
      </Form>
    </Modal>
  )
}
