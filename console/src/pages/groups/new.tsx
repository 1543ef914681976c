import { UploadOutlined } from '@ant-design/icons'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, DatePicker, Flex, Form, Input, Radio, Typography, Upload } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { ApiError, api, data, type Group } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Dialog, useFailedLater, useHere } from '../../ui/dialog'
import { useGate } from '../../ui/gate'
import { useOnce } from '../../ui/once'
import { Failure } from '../../ui/states'
import { dayOf, endOf } from './day'
import { hand } from './handoff'
import { useZone } from '../../api/lines'

type Kind = 'ids' | 'upload' | 'local'
type Fields = { name: string; kind: Kind; identity: 'user_id' | 'phone'; expires?: Dayjs; path?: string; column?: string }

/** The field of the form that a field of the API is. */
const fields: Record<string, keyof Fields> = { name: 'name', kind: 'kind', subkind: 'kind', identity: 'identity', expires_at: 'expires', content: 'path', 'content.path': 'path', 'content.column': 'column' }

export function NewGroup({ biz, close }: { biz: string; close: () => void }) {
  const { t } = useSpeech()
  const zone = useZone(biz)
  const today = dayjs(dayOf(Date.now(), zone))
  const client = useQueryClient()
  const navigate = useNavigate()
  const [form] = Form.useForm<Fields>()
  const [file, setFile] = useState<File>()
  const kind = Form.useWatch('kind', form) ?? 'ids'
  const identity = Form.useWatch('identity', form) ?? 'user_id'
  const { message } = App.useApp()
  const here = useHere()
  const later = useFailedLater(t('groups.new'))
  const gate = useGate()
  const once = useOnce() // pressed again after an answer was lost: the same group
  const create = useMutation({
    mutationFn: (f: Fields) => {
      const body = {
        name: f.name.trim(), identity: f.identity, expires_at: f.expires && endOf(f.expires.format('YYYY-MM-DD'), zone).toISOString(),
        ...(f.kind === 'ids' ? { kind: 'ids' as const } : { kind: 'file' as const, subkind: f.kind }),
        ...(f.kind === 'local' && { content: { path: f.path?.trim(), ...(f.column?.trim() && { column: f.column.trim() }) } }),
      }
      return data(api.POST('/v1/{biz}/groups', { params: { path: { biz }, query: { wait: '10s' }, header: once.header(body) }, body }))
    },
    onError: (e) => {
      later(e)
      once.failed(e)
    },
    onSuccess: (made, f) => {
      const id = String((made as unknown as Partial<Group> & { seq: string }).id ?? made.seq) // a new group's id is its command's sequence
      void client.invalidateQueries({ queryKey: ['groups', biz, 'list'] })
      if (!here()) return void message.info(t('groups.madeLater', { name: f.name.trim() }))
      if (file && kind !== 'local') hand(id, file)
      void navigate(`/${biz}/groups/${id}`, { state: { fresh: true } })
    },
  })
  const { error } = create
  const faults = error instanceof ApiError ? (error.problem.errors ?? []).filter((e) => e.field && fields[e.field]) : []
  useEffect(() => {
    if (faults.length) form.setFields(faults.map((e) => ({ name: fields[e.field ?? ''] ?? 'name', errors: [e.message] })))
  }, [error])
  return (
    <Dialog title={t('groups.new')} okText={t('groups.create')} cancelText={t('groups.cancel')} onCancel={close} onOk={form.submit} busy={create.isPending} width={600}>
      <Form form={form} layout="vertical" initialValues={{ kind: 'ids', identity: 'user_id' }} onFinish={(f) => gate(() => create.mutateAsync(f))} requiredMark={false} scrollToFirstError>
        <Form.Item name="name" label={t('groups.name')} rules={[{ required: true, whitespace: true, message: t('groups.nameMissing') }]}>
          <Input maxLength={200} autoFocus onPressEnter={form.submit} />
        </Form.Item>
        <Form.Item name="kind" label={t('groups.kind')}>
          <Radio.Group style={{ width: '100%' }}>
            <Flex vertical gap={8}>
              {(['ids', 'upload', 'local'] as const).map((k) => (
                <Radio key={k} value={k} style={{ alignItems: 'flex-start' }}>
                  <Flex vertical>
                    <span>{t(`groups.kind.${k}`)}</span>
                    <Typography.Text type="secondary">{t(`groups.kind.${k}What`)}</Typography.Text>
                  </Flex>
                </Radio>
              ))}
            </Flex>
          </Radio.Group>
        </Form.Item>
        <Form.Item name="identity" label={t('groups.identity')} extra={identity === 'phone' ? t('groups.phoneHelp') : undefined}>
          <Radio.Group options={[{ value: 'user_id', label: t('groups.user') }, { value: 'phone', label: t('groups.phone') }]} />
        </Form.Item>
        {kind === 'local' ? (
          <>
            <Form.Item name="path" label={t('groups.path')} extra={t('groups.pathHelp')} rules={[{ required: true, whitespace: true, message: t('groups.pathMissing') }]}>
              <Input maxLength={4096} onPressEnter={form.submit} />
            </Form.Item>
            <Form.Item name="column" label={t('groups.column')} extra={t('groups.columnHelp', { name: identity })}>
              <Input maxLength={200} onPressEnter={form.submit} />
            </Form.Item>
          </>
        ) : (
          <Form.Item label={t('groups.first')} extra={t('groups.firstHelp')}>
            <Upload maxCount={1} fileList={file ? [{ uid: 'first', name: file.name, status: 'done' }] : []} beforeUpload={(f) => (setFile(f), false)} onRemove={() => setFile(undefined)}>
              <Button icon={<UploadOutlined />}>{t('groups.choose')}</Button>
            </Upload>
          </Form.Item>
        )}
        <Form.Item name="expires" label={t('groups.expires')} extra={t('groups.expiresHelp', { zone })}>
          <DatePicker style={{ width: '100%' }} minDate={today} maxDate={dayjs('2199-12-30')}
            presets={[7, 30, 90].map((n) => ({ label: t('groups.inDays', { n }), value: today.add(n, 'day') }))} />
        </Form.Item>
        {error && faults.length === 0 && <Failure error={error} />}
      </Form>
    </Dialog>
  )
}
