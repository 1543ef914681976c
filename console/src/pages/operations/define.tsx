import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Form, Input, Select } from 'antd'
import { useMemo, useState } from 'react'
import { ApiError, api, type Biz, data } from '../../api/client'
import { useSpeech } from '../../i18n'
import { made } from '../../ui/decided'
import { Dialog, useFailedLater } from '../../ui/dialog'
import { useGate } from '../../ui/gate'
import { useOnce } from '../../ui/once'
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
  const title = t(line ? 'operations.lineChange' : 'operations.lineNew')
  const later = useFailedLater(title)
  const gate = useGate()
  const once = useOnce() // pressed again after an answer was lost: the same change
  const [known, setKnown] = useState(line) // what a change replaces
  const [theirs, setTheirs] = useState<Biz>() // what somebody else made of it meanwhile
  const define = useMutation({
    mutationFn: async ({ biz, name, timezone }: Fields) => {
      const on = known ? { 'If-Match': `"${known.seq}"` } : { 'If-None-Match': '*' }
      const header = { ...once.header([biz, on, name, timezone]), ...on }
      const answer = await data(api.PUT('/v1/{biz}', { params: { path: { biz }, query: { wait: '10s' }, header }, body: { name, timezone } }))
      return made<Biz>(answer, () => data(api.GET('/v1/{biz}', { params: { path: { biz } } })), new AbortController().signal)
    },
    onMutate: () => setTheirs(undefined),
    onSuccess: () => {
      void message.success(t('operations.saved'))
      return client.invalidateQueries({ queryKey: ['lines'] })
    },
    onError: async (e, { biz }) => {
      later(e)
      once.failed(e)
      if (!(e instanceof ApiError) || e.status !== 412) return form.setFields(atField(e, names))
      if (!known) return form.setFields([{ name: 'biz', errors: [t('operations.lineTaken')] }])
      const now = await data(api.GET('/v1/{biz}', { params: { path: { biz } } })).catch(() => undefined)
      setTheirs(now)
      if (now) setKnown(now)
      return client.invalidateQueries({ queryKey: ['lines'] })
    },
  })
  const elsewhere = define.error && !theirs && atField(define.error, names).length === 0 ? define.error : null
  return (
    <Dialog title={title} okText={t('operations.save')} cancelText={t('operations.cancel')} onCancel={close} onOk={form.submit} busy={define.isPending}>
      <Form<Fields> form={form} layout="vertical" initialValues={line ?? { timezone: here }} onFinish={(f) => gate(() => define.mutateAsync(f, { onSuccess: close }))} requiredMark={false}>
        <Form.Item name="biz" label={t('operations.lineId')} extra={t('operations.lineIdHelp')} style={{ paddingBottom: 6 }} rules={[{ required: true, message: t('operations.required') }]}>
          <Input maxLength={32} autoFocus={!line} disabled={!!line} autoComplete="off" onPressEnter={form.submit} />
        </Form.Item>
        <Form.Item name="name" label={t('operations.name')} rules={[{ required: true, whitespace: true, message: t('operations.required') }]}>
          <Input maxLength={200} autoFocus={!!line} onPressEnter={form.submit} />
        </Form.Item>
        <Form.Item name="timezone" label={t('operations.zone')} extra={t('operations.zoneHelp')} rules={[{ required: true, message: t('operations.required') }]}>
          <Select showSearch options={zones} />
        </Form.Item>
        {theirs && <Alert type="warning" showIcon role="alert" title={<span style={{ overflowWrap: 'anywhere' }}>{t('operations.lineTheirs', { name: theirs.name, zone: theirs.timezone })}</span>} />}
        {elsewhere && <Failure error={elsewhere} />}
      </Form>
    </Dialog>
  )
}
