import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, Input, Modal, Select } from 'antd'
import { useMemo } from 'react'
import { api, type Biz, data, once } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Failure } from '../../ui/states'
import { atField } from './fields'

type Fields = { biz: string; name: string; timezone: string }
const names = ['biz', 'name', 'timezone'] as const

/** Makes a product line, or changes one. */
export function Define({ line, close }: { line: Biz | null; close: () => void }) {
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
