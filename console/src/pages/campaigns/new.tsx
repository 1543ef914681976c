import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Form, Input, Modal, Select } from 'antd'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { api, type Campaign, data, once } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Failure } from '../../ui/states'

type Fields = { name: string; template: string; where: string }

/** A value that stands still for a moment before anybody is asked about it. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => settle(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}

export function NewCampaign({ biz, close }: { biz: string; close: () => void }) {
  const { t, number } = useSpeech()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [form] = Form.useForm<Fields>()
  const where = useSettled(Form.useWatch('where', form) ?? '', 400).trim()
  const templates = useQuery({ queryKey: ['templates', biz], queryFn: () => data(api.GET('/v1/{biz}/templates', { params: { path: { biz } } })) })
  const count = useQuery({
    queryKey: ['count', biz, where],
    enabled: where !== '',
    queryFn: () => data(api.POST('/v1/{biz}/segments:count', { params: { path: { biz } }, body: { where } })),
  })
  const create = useMutation({
    mutationFn: (f: Fields) => data(api.POST('/v1/{biz}/campaigns', { params: { path: { biz }, query: { wait: '10s' }, header: once() }, body: f })),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['campaigns', biz] })
      const id = (made as unknown as Partial<Campaign>).id
      if (id) void navigate(`/${biz}/campaigns/${id}`)
      else close()
    },
  })
  return (
    <Modal open title={t('campaigns.new')} okText={t('groups.create')} onCancel={close} onOk={form.submit} confirmLoading={create.isPending} destroyOnHidden>
      <Form form={form} layout="vertical" onFinish={create.mutate} requiredMark={false}>
        <Form.Item name="name" label={t('groups.name')} rules={[{ required: true, whitespace: true, message: t('groups.name') }]}>
          <Input maxLength={200} autoFocus />
        </Form.Item>
        <Form.Item name="template" label={t('campaigns.template')} rules={[{ required: true, message: t('campaigns.template') }]}>
          <Select options={(templates.data?.items ?? []).map((x) => ({ value: x.id, label: `${x.id} · ${x.channel}` }))} />
        </Form.Item>
        <Form.Item name="where" label={t('campaigns.where')} extra={t('campaigns.whereHelp')} rules={[{ required: true, whitespace: true, message: t('campaigns.where') }]}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} spellCheck={false} />
        </Form.Item>
        {count.data && where !== '' && (
          <Form.Item>
            <Alert type="info" role="status" title={t('campaigns.counted', { n: number(String(count.data.count)), ms: number(Math.round(Number(count.data.took_ms))) })} />
          </Form.Item>
        )}
        {count.error && where !== '' && <Form.Item><Failure error={count.error} /></Form.Item>}
        {create.error && <Failure error={create.error} />}
      </Form>
    </Modal>
  )
}
